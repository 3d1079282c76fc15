"""In which direction the fingers of a slap may point: their sides are long straight edges of one direction."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from services.fingerprint.slap.cover import Cover

MAX_DEGREES = 50
"""Up to 45°, and the error of the estimate."""
STEP_DEGREES = 2
MIN_APART_DEGREES = 15
MIN_SHARE = 0.25
MAX_CANDIDATES = 4


def directions(covered: Cover) -> list[tuple[float, float]]:
    """The rotations of the hand that its edges suggest, the most likely first.

    In degrees clockwise from upright, each with its share of the likeliest, 0–1.

    A histogram of the directions across the edges of the cover, weighted by the square of their steepness. Ends of
    fingers and creases, which run across, add a smaller peak 90° away: it lies within the range only if the hand
    is turned by over 40°. So up to four peaks are returned, and who segments decides (hand.py).
    """
    counts = _edges(covered)
    found: list[tuple[float, float]] = []
    if not counts.max() > 0:
        return found
    for peak in np.argsort(-counts):
        degrees = float(_DEGREES[peak])
        far = all(abs(degrees - other) >= MIN_APART_DEGREES for other, _ in found)
        if far and counts[peak] >= MIN_SHARE * counts.max() and len(found) < MAX_CANDIDATES:
            found.append((degrees, float(counts[peak] / counts.max())))
    return found


def _edges(covered: Cover) -> NDArray[np.float64]:
    """How many edges run along each direction of `_DEGREES`."""
    closed = cv2.morphologyEx(covered, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    smooth = cv2.GaussianBlur(closed, (0, 0), 3.0)
    x, y = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    across = np.degrees(np.arctan2(y, x)) % 180
    bins = 180 // STEP_DEGREES
    counts = np.bincount((across / STEP_DEGREES).astype(np.intp).ravel() % bins, (x * x + y * y).ravel(), bins)
    weights = np.hanning(11)[1:-1]
    smoothed = np.convolve(np.tile(counts, 3), weights / weights.sum(), "same")[bins : 2 * bins]
    return np.asarray(smoothed[(_DEGREES // STEP_DEGREES) % bins])


_DEGREES = np.arange(-MAX_DEGREES, MAX_DEGREES + 1, STEP_DEGREES)
