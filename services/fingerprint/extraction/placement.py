"""Maps a print, upright at 500 dpi, to the image that was sent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from services.fingerprint.template.features import Minutiae

Placement = NDArray[np.float64]
"""float64, shape (2, 3): maps (x, y, 1) in px of the print to px of the image; pixel centres to pixel centres."""

_TURN = 2 * np.pi


def placement(image_shape: tuple[int, ...], print_shape: tuple[int, ...], turned_degrees: int = 0) -> Placement:
    """The placement of a print that was scaled, and possibly rotated.

    Args:
        image_shape: height and width of the image.
        print_shape: of the print.
        turned_degrees: by which it was rotated, counter-clockwise: 0, 90, 180 or 270.
    """
    height, width = print_shape
    back = {
        0: ((1, 0, 0), (0, 1, 0)),
        90: ((0, -1, height), (1, 0, 0)),
        180: ((-1, 0, width), (0, -1, height)),
        270: ((0, 1, 0), (-1, 0, width)),
    }[turned_degrees]
    across, down = (height, width) if turned_degrees % 180 else (width, height)
    scale = np.array([[image_shape[1] / across], [image_shape[0] / down]])
    placed = scale * np.array(back, np.float64)
    placed[:, 2] += placed[:, :2].sum(axis=1) / 2 - 0.5  # from pixel corners to pixel centres
    return placed


def place_points(points: NDArray[np.floating], placed: Placement) -> NDArray[np.float64]:
    """Map points of the print to the image; shape (n, 2), x and y."""
    return np.asarray(points @ placed[:, :2].T + placed[:, 2], np.float64)


def place(minutiae: Minutiae, placed: Placement) -> Minutiae:
    """Map minutiae of the print, with their directions, to the image."""
    x, y = place_points(np.stack([minutiae.x, minutiae.y], 1), placed).T
    angle = minutiae.angle.astype(np.float64)
    across, down = placed[:, :2] @ np.stack([np.cos(angle), -np.sin(angle)])
    return Minutiae(
        x.astype(np.float32),
        y.astype(np.float32),
        (np.arctan2(-down, across) % _TURN).astype(np.float32),
        minutiae.bifurcation,
        minutiae.confidence,
    )


def px_per_px(placed: Placement) -> float:
    """Px of the image per px of the print, geometric mean of both directions."""
    return float(np.sqrt(abs(np.linalg.det(placed[:, :2]))))
