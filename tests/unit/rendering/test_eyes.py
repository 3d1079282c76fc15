from __future__ import annotations

import numpy as np
import pytest

from rendering.eyes import render, render_eye
from rendering.stroma import stroma


def test_equal_seeds_give_equal_pixels() -> None:
    """Rendering is deterministic."""
    assert np.array_equal(render_eye(3, 4, 320, 240), render_eye(3, 4, 320, 240))


def test_seeds_make_a_difference() -> None:
    """Another capture and another identity are other images."""
    base = render_eye(3, 4, 320, 240)

    assert not np.array_equal(base, render_eye(3, 5, 320, 240))
    assert not np.array_equal(base, render_eye(5, 4, 320, 240))


@pytest.mark.parametrize(("width", "height"), [(320, 240), (320, 280), (640, 480)])
def test_size(width: int, height: int) -> None:
    """The image has the size asked for."""
    image = render_eye(1, 1, width, height)

    assert ((height, width), np.uint8) == (image.shape, image.dtype)


def test_pupil_is_darker_than_iris_and_iris_than_sclera() -> None:
    """Brightness rises from pupil to iris to sclera, as in near-infrared."""
    eye = render(1, 1, opening=1.0)
    row = eye.image[round(eye.pupil.y)].astype(float)
    right = eye.limbus.x + eye.limbus.radius

    pupil = np.median(row[round(eye.pupil.x - 0.8 * eye.pupil.radius) : round(eye.pupil.x + 0.8 * eye.pupil.radius)])
    iris = np.median(row[round(eye.pupil.x + 1.1 * eye.pupil.radius) : round(right - 5)])
    sclera = np.median(row[round(right + 8) : round(right + 30)])
    assert pupil + 30 < iris < sclera - 20


def test_lids_cover_a_closed_eye() -> None:
    """At opening 0 the pupil does not show."""
    eye = render(1, 1, opening=0.0)
    centre = eye.image[round(eye.pupil.y) - 3 : round(eye.pupil.y) + 4, round(eye.pupil.x) - 3 : round(eye.pupil.x) + 4]

    assert 90 < np.median(centre)


def test_blur_flattens() -> None:
    """Blur lowers the differences between neighbouring pixels of the iris's edge."""
    sharp, blurred = (np.abs(np.diff(render_eye(1, 1, blur=b).astype(float), axis=1)).max() for b in (0.0, 6.0))

    assert blurred < 0.5 * sharp


def test_stroma_wraps_around() -> None:
    """The texture has no seam: its first and last columns differ no more than neighbours do."""
    texture = stroma(7)

    seam = np.abs(texture[:, 0] - texture[:, -1]).mean()
    assert seam < 2 * np.abs(np.diff(texture, axis=1)).mean()
