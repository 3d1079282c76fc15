"""Bring an image to 500 dpi, the resolution that the network was trained at."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.errors import ImageTooLarge
from biometrics.sample import MAX_RESOLUTION_DPI, MIN_RESOLUTION_DPI
from services.fingerprint.features import MAX_SIDE_PX, RESOLUTION_DPI


def usable_resolution(resolution_dpi: float | None) -> float:
    """Return the resolution to work with; 500 dpi where metadata state none, or one that is no scanner's.

    Many programs write 72 or 96 dpi into every file: outside 250–1000 the metadata mean nothing.
    """
    if resolution_dpi is None or not MIN_RESOLUTION_DPI <= resolution_dpi <= MAX_RESOLUTION_DPI:
        return RESOLUTION_DPI
    return resolution_dpi


def scale_to_500_dpi(gray: NDArray[np.uint8], resolution_dpi: float) -> NDArray[np.uint8]:
    """Resample a grey image to 500 dpi.

    Args:
        gray: uint8, shape (height, width).
        resolution_dpi: 250–1000.

    Raises:
        ImageTooLarge: over 1200 px (61 mm) a side at 500 dpi: more than one finger.
    """
    scale = RESOLUTION_DPI / resolution_dpi
    height, width = _scaled_shape(gray, scale)
    if max(height, width) > MAX_SIDE_PX:
        raise ImageTooLarge(
            f"The image is {width}×{height} px at 500 dpi; one finger has at most {MAX_SIDE_PX} px a side. Cut a slap "
            "or ten-print card into single fingers, or state the resolution.",
            width=str(width),
            height=str(height),
            limit=str(MAX_SIDE_PX),
        )
    return resize(gray, scale)


def resize(gray: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    """Resample a grey image: area mean when shrinking, bicubic when enlarging."""
    height, width = _scaled_shape(gray, scale)
    if (height, width) == gray.shape:
        return gray
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(gray, (width, height), interpolation=method), np.uint8)


def _scaled_shape(gray: NDArray[np.uint8], scale: float) -> tuple[int, int]:
    height, width = gray.shape
    return max(1, round(height * scale)), max(1, round(width * scale))
