"""The resolution of an image, and scaling an image to 500 dpi, at which the network was trained."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.errors import ImageTooLarge
from biometrics.resolution import Resolution, ResolutionSource
from biometrics.sample import MAX_RESOLUTION_DPI, MIN_RESOLUTION_DPI
from infra.images.decode import Image
from services.fingerprint.template.features import MAX_SIDE_PX, RESOLUTION_DPI

ROUNDING = 0.01  # tolerance of the range in files: 394 dots per cm are 1000.76 dpi, 98 are 248.92
SNAP, SNAP_STEP_DPI, SNAP_WHOLE_DPI = 0.005, 50.0, 0.01


ASSUMED = Resolution(RESOLUTION_DPI, RESOLUTION_DPI, ResolutionSource.ASSUMED)


def told_resolution(image: Image) -> Resolution:
    """The resolution stated by the caller or the file; 500 dpi, assumed, if neither states one a scanner may have.

    Many programs write 72 or 96 dpi into every file: metadata over 1 % outside 250–1000 dpi, horizontally or
    vertically, are ignored. A value within 0.5 % of a multiple of 50 dpi, or within 0.01 dpi of an integer, is rounded
    to it: files store whole dots per cm or m.
    """
    horizontal = image.resolution_dpi or 0.0
    vertical = image.vertical_dpi or horizontal
    least, most = MIN_RESOLUTION_DPI * (1 - ROUNDING), MAX_RESOLUTION_DPI * (1 + ROUNDING)
    if not all(least <= each <= most for each in (horizontal, vertical)):
        return ASSUMED
    return Resolution(_snapped(horizontal), _snapped(vertical), _source(image))


def _source(image: Image) -> ResolutionSource:
    if image.is_of_record:
        return ResolutionSource.RECORD
    return ResolutionSource.STATED if image.is_stated else ResolutionSource.FILE


def _snapped(dpi: float) -> float:
    step = round(dpi / SNAP_STEP_DPI) * SNAP_STEP_DPI
    if abs(dpi - step) <= SNAP * step:
        return step
    return float(round(dpi)) if abs(dpi - round(dpi)) <= SNAP_WHOLE_DPI else dpi


def scale_to_500_dpi(gray: NDArray[np.uint8], resolution: Resolution) -> NDArray[np.uint8]:
    """Resample a grey image to 500 dpi both ways: area mean when shrinking, bicubic when enlarging.

    Args:
        gray: uint8, shape (height, width).
        resolution: of the image.

    Raises:
        ImageTooLarge: over 1200 px (61 mm) a side at 500 dpi, i.e. more than one finger.
    """
    height, width = scaled_shape(gray, resolution)
    if max(height, width) > MAX_SIDE_PX:
        raise ImageTooLarge(
            f"The image is {width}×{height} px at 500 dpi; one finger has at most {MAX_SIDE_PX} px a side. Cut a slap "
            "or ten-print card into single fingers, or state the resolution.",
            width=str(width),
            height=str(height),
            limit=str(MAX_SIDE_PX),
        )
    return _resized(gray, height, width)


def resize(gray: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    """Resample a grey image by one factor."""
    return _resized(gray, *(max(1, round(side * scale)) for side in gray.shape))


def scaled_shape(gray: NDArray[np.uint8], resolution: Resolution) -> tuple[int, int]:
    """Height and width at 500 dpi."""
    height, width = gray.shape
    return (
        max(1, round(height * (RESOLUTION_DPI / resolution.vertical_dpi))),
        max(1, round(width * (RESOLUTION_DPI / resolution.horizontal_dpi))),
    )


def _resized(gray: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    if (height, width) == gray.shape:
        return gray
    method = cv2.INTER_AREA if height * width < gray.size else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(gray, (width, height), interpolation=method), np.uint8)
