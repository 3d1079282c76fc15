"""A grid for finding the minutiae of a print within 20 px of a position.

The print is divided into cells of 21 px. Every cell lists the minutiae in it and in the eight cells around it, by
rising index: so all minutiae within 20 px of a position are in the list of its cell. Lists are linked: `head` of a cell
is the first entry, `follower` of an entry the next, −1 the end; entry & 127 is the minutia.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from infra.kernels.kernel import kernel
from services.fingerprint.template.features import MAX_SIDE_PX

CELL = 21.0  # px; above the 20 px of comparison/alignment.py, so that rounding loses none
PER_PX = 1.0 / CELL
SIDE = int(MAX_SIDE_PX * PER_PX) + 4
ENTRIES = 9 * 128

Entries = NDArray[np.int32]
Extent = tuple[float, float, int, int]
"""x and y of the grid's lower left corner, columns, rows."""


@kernel
def lay_grid(points: NDArray[np.float64], count: int, head: Entries, follower: Entries) -> Extent:
    """Fill a grid with the first `count` points; float64 (3, N), of which rows x and y are used."""
    left = right = bottom = top = 0.0
    if count > 0:
        left, right = points[0, :count].min(), points[0, :count].max()
        bottom, top = points[1, :count].min(), points[1, :count].max()
    columns, rows = int((right - left) * PER_PX) + 4, int((top - bottom) * PER_PX) + 4
    left, bottom = left - CELL, bottom - CELL
    head[: columns * rows] = -1
    for j in range(count - 1, -1, -1):
        corner = (int((points[1, j] - bottom) * PER_PX) - 1) * columns + int((points[0, j] - left) * PER_PX) - 1
        for slot in range(9):
            cell = corner + (slot // 3) * columns + slot % 3
            entry = slot * 128 + j
            follower[entry] = head[cell]
            head[cell] = entry
    return left, bottom, columns, rows


@kernel
def first_entry(x: float, y: float, extent: Extent, head: Entries) -> int:
    """The first entry of the list for a position, or −1."""
    left, bottom, columns, rows = extent
    across, up = (x - left) * PER_PX, (y - bottom) * PER_PX
    if 0.0 <= across < columns and 0.0 <= up < rows:
        return int(head[int(up) * columns + int(across)])
    return -1
