"""Tells photographs of fingers that touch nothing from prints: they are refused, as nothing here is fitted to them.

A sensor shows a ridge as dark and all that does not touch as light, so either the brightest or the darkest level is
much the same everywhere, and ridges stand out against the image's own brightness. Skin in a photograph differs from
what is behind it, and is brighter on one side: both levels rise and fall together, and its ridges are faint beside.

1. Envelopes: closing and opening with a square wider than a ridge and a valley. An edge leaves no depth between them.
2. Depth: the 0.9 quantile of their difference. Relief: its median share of the brightness where it is large.
3. Shading: the smaller standard deviation of the two envelopes, over the depth; over the relief: strangeness.
4. A photograph has much of both, or several colours and skin in much of the image. A scan with a tint has one colour.

Contact prints of seven sensors reach a strangeness of 1.5; `python -m studies.capture.contactless` counts both kinds.
"""

from __future__ import annotations

from enum import Enum, auto

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.errors import AcquisitionFailed
from infra.images.decode import Image

MAX_SIDE_PX = 2048  # larger images are reduced to half of that or more, which leaves the ridges of a slap
WINDOW = 1 / 16  # of the shorter side
WINDOW_PX = (11, 32)  # a ridge and a valley at 250 dpi take 4 px, at 1000 dpi 17 px
MIN_SHADING_LEVELS = 8.0  # grey levels: an empty platen has less

SHADED, STRANGE = 0.75, 2.2  # a photograph
SLIGHTLY_SHADED, ODD = 0.4, 1.0  # may be one
MAX_TINT = 4.0  # grey levels, root mean square: a scan with a tint has under 2
MIN_SKIN = 0.2
SKIN_RED, SKIN_BLUE = (136, 178), (77, 126)  # Cr and Cb of ITU-R BT.601 (after Chai, Ngan 1999, without the greys)
_THUMBNAIL = (60, 60)


class Look(Enum):
    """What an image looks like."""

    PRINT = auto()
    DOUBTFUL = auto()
    PHOTOGRAPH = auto()


def look_of(image: Image) -> Look:
    """Whether an image looks like a print, like a photograph of a finger, or like neither clearly."""
    if _shows_skin(image.pixels):
        return Look.PHOTOGRAPH
    shading, strangeness = shading_of(image.gray)
    if shading >= SHADED and strangeness >= STRANGE:
        return Look.PHOTOGRAPH
    return Look.DOUBTFUL if shading >= SLIGHTLY_SHADED and strangeness >= ODD else Look.PRINT


def contactless() -> AcquisitionFailed:
    """The refusal."""
    return AcquisitionFailed(
        "The image looks like a photograph of a finger that touches nothing, or shows shades instead of ridges. "
        "Photographs cannot be compared with prints here. Send a print from a fingerprint scanner.",
        reason="CONTACTLESS_IMAGE",
    )


def shading_of(gray: NDArray[np.uint8]) -> tuple[float, float]:
    """Shading and strangeness by steps 1 to 3, both 0 for an image of one brightness.

    Args:
        gray: uint8, shape (height, width), of any resolution.
    """
    small = _reduced(gray)
    smooth = cv2.GaussianBlur(small, (0, 0), 1.0)
    side = int(np.clip(min(small.shape) * WINDOW, *WINDOW_PX)) | 1
    square = np.ones((side, side), np.uint8)
    upper, lower = (
        cv2.morphologyEx(smooth, kind, square)[::4, ::4].astype(np.float32)
        for kind in (cv2.MORPH_CLOSE, cv2.MORPH_OPEN)
    )
    spread, depths = min(float(upper.std()), float(lower.std())), upper - lower
    if spread < MIN_SHADING_LEVELS:
        return 0.0, 0.0
    depth = max(float(np.quantile(depths, 0.9)), 1.0)
    deep = depths >= 0.6 * depth
    relief = float(np.median(depths[deep] / np.maximum(upper[deep], 1))) if deep.any() else 0.0
    return spread / depth, spread / depth / max(relief, 0.01)


def _reduced(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    factor = -(-max(gray.shape) // MAX_SIDE_PX)
    if factor == 1:
        return gray
    size = max(1, gray.shape[1] // factor), max(1, gray.shape[0] // factor)
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)


def _shows_skin(pixels: NDArray[np.uint8]) -> bool:
    """Whether there are several colours, and that of skin in a fifth of the image.

    The colours of a scan with a tint follow from its brightness: cubic polynomials of it, one per channel, give them.
    """
    if pixels.ndim == 2:
        return False
    small = cv2.resize(pixels, _THUMBNAIL, interpolation=cv2.INTER_AREA)
    luma, red, blue = np.moveaxis(cv2.cvtColor(small, cv2.COLOR_RGB2YCrCb), 2, 0)
    is_skin = (red >= SKIN_RED[0]) & (red <= SKIN_RED[1]) & (blue >= SKIN_BLUE[0]) & (blue <= SKIN_BLUE[1])
    if float(is_skin.mean()) < MIN_SKIN:
        return False
    powers = np.vander(luma.reshape(-1) / 255.0, 4)
    colours = small.reshape(-1, 3).astype(np.float64)
    fitted = powers @ np.linalg.lstsq(powers, colours, rcond=None)[0]
    return float(np.sqrt(np.mean((colours - fitted) ** 2))) > MAX_TINT
