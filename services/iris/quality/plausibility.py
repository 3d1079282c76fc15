"""Refuses images that do not show a single eye, in near-infrared light, with visible texture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.errors import AcquisitionFailed
from infra.images.decode import Image
from services.iris.segmentation.circles import Gray
from services.iris.segmentation.mask_circles import areas, find_mask_circles, regions
from services.iris.segmentation.network import Segmentation, Segmenter

IRIS_PROBABILITY = 0.7
SECOND_EYE = 0.16  # least area of a second iris, as a share of the larger one's
LONG = 1.5  # longer over shorter side above which each half is segmented too
MIN_CONFIDENCE = 0.8  # for an iris in a half
MIN_TEXTURE = 0.2  # CASIA-Iris-Interval's lowest: 1.2; after a blur of 8 % of the iris's radius its lowest 5 %
MAX_TEXTURE = 3.6  # CASIA's highest: 2.4; rendered eyes with noise of 20 levels: under 2.8; fingerprints: over 3.7
MAX_COLOR = 3.0  # grey levels. Infrared images with a tint: under 2; the eyes of LFW's colour photographs: over 3.9
_COLOR_SIZE = (80, 60)  # px, width and height for measuring colour: noise averages out
_CLIPPED = 250  # a saturated channel distorts the colour


def require_infrared(image: Image) -> None:
    """Refuse a photograph in visible light, as far as its colours show that.

    Raises:
        AcquisitionFailed: VISIBLE_LIGHT.
    """
    if image.pixels.ndim == 3 and color_spread(image.pixels) > MAX_COLOR:
        raise AcquisitionFailed(
            "The image has colours, so it was taken in visible light, in which a dark iris hides its texture. Send a "
            "near-infrared image of one eye.",
            reason="VISIBLE_LIGHT",
        )


def color_spread(rgb: NDArray[np.uint8]) -> float:
    """Deviation of the pixels from shades of one colour, grey levels (root mean square).

    An infrared image stored as RGB is grey or, if the camera's channels differ in sensitivity, tinted: every pixel is
    the same colour times its brightness, i.e. on one line through black. The residual from the best such line is the
    second singular value of the pixels.

    Args:
        rgb: uint8, shape (height, width, 3).
    """
    red, green, blue = np.moveaxis(rgb, 2, 0)
    clipped = (np.maximum(np.maximum(red, green), blue) >= _CLIPPED).astype(np.float32)  # `max` takes ten times as long
    small, unclear = (cv2.resize(each, _COLOR_SIZE, interpolation=cv2.INTER_AREA) for each in (rgb, clipped))
    pixels = small[unclear == 0].astype(np.float64)
    if not len(pixels):
        return 0.0
    return float(np.sqrt(max(np.linalg.eigvalsh(pixels.T @ pixels / len(pixels))[1], 0.0)))


def require_one_eye(found: Segmentation) -> None:
    """Refuse an image with a second iris that contains a pupil and is at least 0.4 times as wide as the largest.

    Raises:
        AcquisitionFailed: MULTIPLE_EYES.
    """
    count, labels = regions(found.iris, IRIS_PROBABILITY)
    if count <= 2:
        return
    with_pupil = np.bincount(labels[found.pupil > IRIS_PROBABILITY], minlength=count)[1:] > 0
    sizes = np.sort(areas(labels)[with_pupil])
    if len(sizes) > 1 and sizes[-2] >= SECOND_EYE * sizes[-1]:
        raise _multiple()


def require_one_eye_in_halves(gray: Gray, segmenter: Segmenter) -> None:
    """Refuse a long image with an eye in each half: the network, trained on single eyes, may find only one of them.

    Args:
        gray: uint8 (height, width). Accepted at once if at most 1.5 times as long as short.
        segmenter: segments both halves.

    Raises:
        AcquisitionFailed: MULTIPLE_EYES.
    """
    height, width = gray.shape
    if max(height, width) <= LONG * min(height, width):
        return
    across, middle = width > height, max(height, width) // 2
    halves = (gray[:, :middle], gray[:, middle:]) if across else (gray[:middle], gray[middle:])
    eyes = [find_mask_circles(each) for each in segmenter.segment(halves)]
    if not all(eye is not None and eye.iris.confidence > MIN_CONFIDENCE for eye in eyes):
        return
    first, second = (eye.iris.circle for eye in eyes if eye is not None)
    apart = np.hypot(second.x + middle * across - first.x, second.y + middle * (not across) - first.y)
    if apart > first.radius + second.radius:
        raise _multiple()


def require_texture(texture: float) -> None:
    """Refuse an iris without fine structure (out of focus or drawn), and one with more than an iris can have.

    Ridges of a fingerprint and dots of a print are as strong as the step from pupil to iris; an iris's texture is not.

    Args:
        texture: see measures.py.

    Raises:
        AcquisitionFailed: IRIS_BLURRED; IRIS_NOT_FOUND.
    """
    if texture > MAX_TEXTURE:
        raise AcquisitionFailed(
            "No iris was found: a pattern of lines, dots or noise covers the presumed iris. Send a near-infrared "
            "image of one open eye, not of a print or a screen.",
            reason="IRIS_NOT_FOUND",
            texture=f"{texture:.2f}",
        )
    if texture < MIN_TEXTURE:
        raise AcquisitionFailed(
            "The iris shows no texture: the image is out of focus or moved. Capture it again, in focus.",
            reason="IRIS_BLURRED",
            texture=f"{texture:.2f}",
        )


def _multiple() -> AcquisitionFailed:
    return AcquisitionFailed(
        "The image shows more than one eye. Cut it into single eyes and send one image for each.",
        reason="MULTIPLE_EYES",
    )
