"""Refusal of images that do not show a single eye in infrared light."""

from __future__ import annotations

import time

import cv2
import numpy as np
import pytest

from biometrics.errors import AcquisitionFailed
from infra.images.decode import Image
from rendering.eyes import render_eye
from services.iris.quality.plausibility import (
    MAX_COLOR,
    color_spread,
    require_infrared,
    require_one_eye,
    require_texture,
)
from services.iris.segmentation.network import HEIGHT, WIDTH, Frame, Segmentation

EYE = render_eye(0, 0, 320, 240)


def irises(*circles: tuple[int, int, int], pupils: bool = True) -> Segmentation:
    """The network's output for discs (x, y, radius), each with a pupil in it."""
    drawn, inner, nothing = np.zeros((3, HEIGHT, WIDTH), np.float32)
    for x, y, radius in circles:
        cv2.circle(drawn, (x, y), radius, 0.9, -1)
        cv2.circle(inner, (x, y), radius // 3, 0.9 * pupils, -1)
    return Segmentation(drawn, inner, nothing, nothing, Frame.of(320, 256), np.zeros((128, 160), np.uint8))


def test_colour_photographs_are_refused(hopper: Image, astronaut: Image) -> None:
    """Faces in visible light are named as such, with advice."""
    for portrait in (hopper, astronaut):
        with pytest.raises(AcquisitionFailed, match="near-infrared image of one eye") as caught:
            require_infrared(portrait)
        assert "VISIBLE_LIGHT" == caught.value.reason


def test_grey_images_pass() -> None:
    """Grey pixels, also stored as RGB, have no colour."""
    require_infrared(Image(EYE))
    require_infrared(Image(np.repeat(EYE[:, :, None], 3, axis=2)))

    assert 0.0 == pytest.approx(color_spread(np.repeat(EYE[:, :, None], 3, axis=2)), abs=1e-4)


@pytest.mark.parametrize("tint", [(1.0, 0.7, 0.9), (0.8, 1.0, 0.8)])
def test_one_tint_passes_also_as_jpeg(tint: tuple[float, float, float]) -> None:
    """A camera with channels of different sensitivity tints all pixels alike."""
    tinted = np.rint(EYE[:, :, None] * np.array(tint)).astype(np.uint8)
    _, jpeg = cv2.imencode(".jpg", tinted, [cv2.IMWRITE_JPEG_QUALITY, 75])

    require_infrared(Image(np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)))


def test_a_clipped_tint_passes() -> None:
    """Highlights with a saturated channel do not count as colour."""
    assert color_spread(np.clip(EYE[:, :, None] * np.array([1.4, 1.0, 1.0]), 0, 255).astype(np.uint8)) < MAX_COLOR
    assert 0.0 == color_spread(np.full((60, 80, 3), 255, np.uint8))


@pytest.mark.parametrize("circles", [[(40, 60, 25), (120, 60, 25)], [(40, 60, 30), (120, 60, 15)]])
def test_a_second_iris_is_refused(circles: list[tuple[int, int, int]]) -> None:
    """A second iris counts if it is at least 0.4 times as wide as the first."""
    with pytest.raises(AcquisitionFailed, match="one image for each") as caught:
        require_one_eye(irises(*circles))

    assert "MULTIPLE_EYES" == caught.value.reason


@pytest.mark.parametrize("circles", [[(80, 60, 40)], [(80, 60, 40), (20, 20, 8)], []])
def test_one_iris_passes(circles: list[tuple[int, int, int]]) -> None:
    """One iris, with or without a speck beside it, passes; an image without iris is refused elsewhere."""
    require_one_eye(irises(*circles))


def test_discs_without_pupils_are_not_eyes() -> None:
    """Two discs without pupils are not eyes; they are refused elsewhere."""
    require_one_eye(irises((40, 60, 25), (120, 60, 25), pupils=False))


def test_an_iris_without_texture_is_refused() -> None:
    """A texture under 0.2 is refused; the metadata states it."""
    require_texture(0.21)
    with pytest.raises(AcquisitionFailed, match="in focus") as caught:
        require_texture(0.19)

    assert ("IRIS_BLURRED", "0.19") == (caught.value.reason, caught.value.metadata["texture"])


def test_an_iris_covered_by_a_pattern_is_refused() -> None:
    """A texture over 3.6 is refused as no iris; the metadata states it."""
    require_texture(3.59)
    with pytest.raises(AcquisitionFailed, match="not of a print") as caught:
        require_texture(3.61)

    assert ("IRIS_NOT_FOUND", "3.61") == (caught.value.reason, caught.value.metadata["texture"])


def test_the_colour_of_a_large_image_takes_no_longer_than_its_pixels() -> None:
    """For 39 million pixels it is faster than numpy's maximum over three channels."""
    blank, took = np.full((6000, 6600, 3), 90, np.uint8), []
    for work in (lambda: color_spread(blank), lambda: blank.max(axis=2)):
        begin = time.process_time()
        work()
        took.append(time.process_time() - begin)
    assert took[0] < took[1]
