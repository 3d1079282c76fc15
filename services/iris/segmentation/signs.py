"""What a mask tells: how uncertain the network was of it, and the tilt of an opening."""

from __future__ import annotations

import cv2
import numpy as np

from services.iris.segmentation.circles import Floats

_LEAST_LONG = 0.8  # height over length of an opening, below which its axis shows the eye's tilt


def uncertainty(mask: Floats) -> float:
    """Uncertainty of a mask of probabilities p relative to its size: Σ 4 p (1 − p) / Σ p; about 0.2 if it is clear."""
    return float((4 * mask * (1 - mask)).sum() / max(float(mask.sum()), 1.0))


def tilt(opening: Floats) -> float:
    """Tilt of the eye in the image plane: angle of its opening's longer axis, degrees, −90 to 90.

    Args:
        opening: float32 (n, 2), its outline, px.

    Returns:
        The angle, clockwise on the screen; 0 if the opening is about as high as long, which shows no tilt.
    """
    if len(opening) < 3:
        return 0.0
    moments = cv2.moments(opening)
    a, b, c = (moments[key] for key in ("mu20", "mu11", "mu02"))
    root = np.hypot(a - c, 2 * b)
    if a + c <= 0 or a + c - root > _LEAST_LONG**2 * (a + c + root):
        return 0.0
    return float(np.degrees(np.arctan2(2 * b, a - c) / 2))
