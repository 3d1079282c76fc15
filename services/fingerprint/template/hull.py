"""A finger area for minutiae that come without one: their convex hull and a margin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from services.fingerprint.template.features import CELL_PX, mask_shape

Floats = NDArray[np.float64]


def hull_mask(x: Floats, y: Floats, width_px: int, height_px: int, margin_px: float) -> NDArray[np.bool_]:
    """The cells whose centre lies in the convex hull of points, or within a margin of it, and those with a point.

    Args:
        x: shape (n,), at least one: px from the left, inside the image.
        y: shape (n,): px from the top.
        width_px: of the image.
        height_px: of the image.
        margin_px: px.

    Returns:
        bool, shape (⌈height / 16⌉, ⌈width / 16⌉).
    """
    rows, columns = mask_shape(width_px, height_px)
    down, across = np.mgrid[:rows, :columns] * CELL_PX + CELL_PX / 2.0
    inside = _distance(_hull(x, y), across, down) <= margin_px
    inside[(y // CELL_PX).astype(np.intp), (x // CELL_PX).astype(np.intp)] = True
    return inside


def _hull(x: Floats, y: Floats) -> Floats:
    """Corners of the convex hull in order, shape (k, 2): Andrew's monotone chain (1979)."""
    points = np.unique(np.stack((x, y), axis=1), axis=0)
    if len(points) < 3:
        return points
    lower, upper = _chain(points), _chain(points[::-1])
    return np.concatenate((lower[:-1], upper[:-1]))


def _chain(points: Floats) -> Floats:
    kept: list[Floats] = []
    for point in points:
        while len(kept) > 1 and _turn(kept[-2], kept[-1], point) <= 0.0:
            kept.pop()
        kept.append(point)
    return np.asarray(kept)


def _turn(a: Floats, b: Floats, c: Floats) -> float:
    """Above 0 if the way from a over b to c turns from +x towards +y."""
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))


def _distance(corners: Floats, across: Floats, down: Floats) -> Floats:
    """Distance of each place from a convex polygon, 0 inside; the shape of `across` and `down`."""
    nearest, inside = np.full(across.shape, np.inf), np.full(across.shape, len(corners) > 2)
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        dx, dy = bx - ax, by - ay
        inside &= dx * (down - ay) - dy * (across - ax) >= 0.0
        share = np.clip(((across - ax) * dx + (down - ay) * dy) / max(dx * dx + dy * dy, 1e-9), 0.0, 1.0)
        nearest = np.minimum(nearest, np.hypot(across - ax - share * dx, down - ay - share * dy))
    return np.where(inside, 0.0, nearest)
