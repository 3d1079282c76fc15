from __future__ import annotations

import numpy as np

from infra.images.decode import Image
from rendering.eyes import render_eye
from services.extraction import Extraction
from services.iris.details import IrisDetails
from services.iris.drawing.overlay import LIMBUS_RGB, PUPIL_RGB, draw

Extractions = dict[tuple[int, int], Extraction[IrisDetails]]


def test_circles_are_drawn(extractions: Extractions) -> None:
    """The pupil's and the limbus's colours appear at their rightmost points, and the input is unchanged."""
    image, details = Image(render_eye(0, 0)), extractions[0, 0].details
    before = image.pixels.copy()

    drawn = draw(image, details)

    assert ((480, 640, 3), np.uint8) == (drawn.shape, drawn.dtype)
    for circle, color in ((details.pupil, PUPIL_RGB), (details.limbus, LIMBUS_RGB)):
        x, y = round(circle.x + circle.radius), round(circle.y)
        near = drawn[y, x - 2 : x + 3].reshape(-1, 3).astype(int)
        assert np.abs(near - color).sum(axis=1).min() < 60
    assert before.tolist() == image.pixels.tolist()


def test_hidden_parts_are_tinted(extractions: Extractions) -> None:
    """Hidden parts of the ring are redder than before."""
    image, details = Image(render_eye(0, 1)), extractions[0, 1].details

    drawn = draw(image, details).astype(int)

    reddened = (drawn[:, :, 0] - drawn[:, :, 2]) > 40
    assert not details.visible.all()
    assert 500 < np.count_nonzero(reddened)
