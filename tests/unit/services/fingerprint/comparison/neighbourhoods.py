"""Generated minutiae as rows of x, y upward, and direction, for tests of descriptors and similarities."""

from __future__ import annotations

import numpy as np


def neighbourhood(seed: int = 0, count: int = 30) -> np.ndarray:
    """Minutiae at random places of 200 × 200 px, near enough to describe each other."""
    random = np.random.default_rng(seed)
    return np.column_stack([random.uniform(0, 200, (count, 2)), random.uniform(0, 2 * np.pi, count)]).astype(np.float32)


def sure(minutiae: np.ndarray) -> np.ndarray:
    """The confidences of minutiae that are certain."""
    return np.ones(len(minutiae), np.float32)


def turned(points: np.ndarray, turn: float, right: float, up: float) -> np.ndarray:
    """Minutiae rotated about the origin and shifted; directions stay in 0–2π."""
    c, s = np.cos(turn), np.sin(turn)
    x, y = c * points[:, 0] - s * points[:, 1] + right, s * points[:, 0] + c * points[:, 1] + up
    return np.column_stack([x, y, (points[:, 2] + turn) % (2 * np.pi)]).astype(np.float32)
