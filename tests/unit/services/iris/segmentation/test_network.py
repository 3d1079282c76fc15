from __future__ import annotations

from types import ModuleType

import cv2
import numpy as np
import pytest

from infra.models.hardening import iris_segmentation, iris_segmentation_wide
from infra.models.onnx_model import OnnxModel
from rendering.eyes import render
from services.iris.segmentation.network import HEIGHT, WIDTH, Frame, Segmenter


@pytest.mark.parametrize("size", [(320, 240), (320, 280), (640, 480), (250, 250), (1280, 960), (400, 1000)])
def test_frame_fits(size: tuple[int, int]) -> None:
    """An image is scaled to fit the input and centred in it, and points are converted back."""
    frame = Frame.of(*size)
    corners = np.array([-0.5, size[0] - 0.5], np.float32), np.array([-0.5, size[1] - 0.5], np.float32)

    xs, ys = frame.from_image(*corners)
    back = frame.to_image(xs, ys)

    assert WIDTH == frame.width or HEIGHT == frame.height
    assert pytest.approx((WIDTH - 1) / 2, abs=0.51) == float(xs.mean())
    assert pytest.approx((HEIGHT - 1) / 2, abs=0.51) == float(ys.mean())
    assert np.allclose(corners, back, atol=1e-2)


def test_a_batch_equals_its_images(segmenter: Segmenter) -> None:
    """Two images of different sizes in one run get the masks of single runs."""
    images = [render(0, 0).image, render(1, 0, 320, 280).image]

    together = segmenter.segment(images)
    alone = [segmenter.segment([image])[0] for image in images]

    for one, other in zip(together, alone, strict=True):
        assert one.frame == other.frame
        for name in ("iris", "pupil", "opening", "noise"):
            assert np.allclose(getattr(one, name), getattr(other, name), atol=1e-4)


@pytest.mark.parametrize("network", [iris_segmentation, iris_segmentation_wide])
def test_masks_are_those_of_the_network_as_it_was_trained(network: ModuleType) -> None:
    """Each pixel of the masks has the value that the trained file gives for it."""
    image = render(0, 0, WIDTH, HEIGHT).image
    (expected,) = OnnxModel.from_bytes(network.FILE.read_bytes()).run(images=image[None].astype(np.float32))

    (found,) = Segmenter(OnnxModel.from_bytes(network.build())).segment([image])

    assert np.array_equal(expected[0], [found.iris, found.pupil, found.opening, found.noise])


def test_an_image_segmented_again_is_not_scaled_again(segmenter: Segmenter, other_segmenter: Segmenter) -> None:
    """From a segmentation, another network and another gamma give the masks that they give of the image."""
    image = render(0, 0).image
    (found,) = segmenter.segment([image])

    again, (anew,) = other_segmenter.segment_again(found, 2.0), other_segmenter.segment([image], 2.0)

    assert anew.frame == again.frame
    assert np.array_equal(anew.pupil, again.pupil)
    assert not np.array_equal(found.pupil, again.pupil)


def test_gamma_darkens_what_the_network_sees(segmenter: Segmenter) -> None:
    """With a gamma of 2, a grey level of 128 becomes 64; black and white are unchanged."""
    levels, squared = np.repeat(np.uint8([[0, 128, 255]]), 80, axis=0), np.repeat(np.uint8([[0, 64, 255]]), 80, axis=0)

    ((darker,), (plain,)) = segmenter.segment([levels.repeat(40, 1)], 2.0), segmenter.segment([squared.repeat(40, 1)])

    np.testing.assert_allclose(plain.opening, darker.opening, atol=0.02)


def test_masks_are_where_the_eye_is(segmenter: Segmenter) -> None:
    """The masks of iris and pupil agree with the drawn circles: at most a tenth of their pixels differ."""
    truth = render(0, 1, opening=1.0)
    (found,) = segmenter.segment([truth.image])
    ys, xs = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    xs, ys = found.frame.to_image(xs, ys)

    for mask, circle in ((found.iris, truth.limbus), (found.pupil, truth.pupil)):
        drawn = np.hypot(xs - circle.x, ys - circle.y) < circle.radius
        assert np.count_nonzero(drawn != (mask > 0.5)) < 0.1 * np.count_nonzero(drawn)


def test_a_part_is_segmented_in_the_place_of_the_whole(segmenter: Segmenter) -> None:
    """In a part of an image the eye is larger, and its masks lie where it is in the whole image, also at the side."""
    truth = render(0, 1, opening=1.0)
    height, width = truth.image.shape
    small = np.full_like(truth.image, 200)
    small[: height // 2, width - width // 2 :] = cv2.resize(truth.image, (width // 2, height // 2))

    found = segmenter.segment_around(small, width, 0, 0.5)
    ys, xs = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    xs, ys = found.frame.to_image(xs, ys)

    assert np.allclose((width // 2, 0), (found.frame.x, found.frame.y))
    drawn = np.hypot(xs - width + width // 2 - truth.limbus.x / 2, ys - truth.limbus.y / 2) < truth.limbus.radius / 2
    assert np.count_nonzero(drawn != (found.iris > 0.5)) < 0.1 * np.count_nonzero(drawn)


def test_outline_surrounds_the_pupil(segmenter: Segmenter) -> None:
    """The opening's outline surrounds the pupil, in px of the image."""
    truth = render(2, 0)
    (found,) = segmenter.segment([truth.image])

    outline = found.outline

    assert outline[:, 0].min() < truth.pupil.x - truth.pupil.radius
    assert truth.pupil.x + truth.pupil.radius < outline[:, 0].max()
    assert outline[:, 1].min() < truth.pupil.y < outline[:, 1].max()


def test_no_outline_without_an_eye(segmenter: Segmenter) -> None:
    """A blank image has no opening."""
    (found,) = segmenter.segment([np.full((240, 320), 128, np.uint8)])

    assert (0, 2) == found.outline.shape
