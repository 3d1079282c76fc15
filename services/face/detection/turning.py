"""Geometry for detecting faces that are not upright: turned images, and crops in which a face is level."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]

CROP_PX = 320
SPACING_PX = 70.0
"""Twice the mean distance of the landmarks from their centre in a crop: the face is then about 150 px wide."""


def turned_back(rows: Points, turns: int, frame: tuple[int, int]) -> Points:
    """Convert detections in an image turned counter-clockwise by quarter turns into coordinates of the image.

    Args:
        rows: (n, 15), as `detector.decode` returns them.
        turns: 1 to 3.
        frame: height and width of the image before it was turned.
    """
    size = np.array(frame[::-1], np.float64)
    corners = np.stack([rows[:, :2], rows[:, :2] + rows[:, 2:4]], axis=1)
    middle = (size[::-1] if turns % 2 else size) / 2
    points: Points = np.concatenate([corners, rows[:, 5:].reshape(-1, 5, 2)], axis=1) - middle
    for _ in range(turns):
        points = np.stack([-points[..., 1], points[..., 0]], axis=-1)
    points = points + size / 2
    low, high = points[:, :2].min(axis=1), points[:, :2].max(axis=1)
    return np.concatenate([low, high - low, rows[:, 4:5], points[:, 2:].reshape(-1, 10)], axis=1)


def levelling(landmarks: Points, roll_degrees: float) -> NDArray[np.float64]:
    """The transform (2, 3) that centres a face, upright, in a crop of 320×320 px.

    Args:
        landmarks: (5, 2), px.
        roll_degrees: the head's tilt, clockwise.
    """
    x, y = landmarks.mean(axis=0)
    spacing = 2 * np.linalg.norm(landmarks - (x, y), axis=1).mean()
    turn = np.asarray(cv2.getRotationMatrix2D((x, y), roll_degrees, SPACING_PX / max(float(spacing), 1.0)), np.float64)
    turn[:, 2] += CROP_PX / 2 - np.array([x, y])
    return turn


def crop(rgb: Pixels, matrix: NDArray[np.float64]) -> Pixels:
    """The crop, uint8 (320, 320, 3); the image's edge is repeated beyond it."""
    size = (CROP_PX, CROP_PX)
    return np.asarray(cv2.warpAffine(rgb, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def moved(points: Points, matrix: NDArray[np.float64]) -> Points:
    """Convert points (n, 2) of a crop into the image; `matrix` is the crop's transform."""
    back = cv2.invertAffineTransform(matrix)
    return np.asarray(points @ back[:, :2].T + back[:, 2], np.float64)
