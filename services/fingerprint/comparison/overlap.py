"""Measures the overlap of two aligned prints: common area, and minutiae in it."""

from __future__ import annotations

import numpy as np

from infra.kernels.kernel import kernel
from services.fingerprint.comparison.alignment import inverse
from services.fingerprint.template.arrays import Floats, Mask, Motion, Print, Workspace
from services.fingerprint.template.features import CELL_PX


@kernel
def count_overlap(motion: Motion, a: Print, b: Print, w: Workspace) -> tuple[int, int]:
    """Number of a's minutiae that the motion places on b's finger area, and of b's on a's by its inverse."""
    on_b = _count_on(motion, w.a, len(a.minutiae), b.mask, b.mask_columns)
    return on_b, _count_on(inverse(motion), w.b, len(b.minutiae), a.mask, a.mask_columns)


@kernel
def _count_on(motion: Motion, points: Floats, n: int, mask: Mask, columns: int) -> int:
    """Number of points that lie on a finger area after a motion."""
    c, s, shift_x, shift_y = motion
    rows = len(mask) // columns
    count = 0
    for k in range(n):
        x, y = points[0, k], points[1, k]
        column = int(np.floor((c * x - s * y + shift_x) / CELL_PX))
        row = int(np.floor(-(s * x + c * y + shift_y) / CELL_PX))
        if 0 <= row < rows and 0 <= column < columns and mask[row * columns + column]:
            count += 1
    return count


@kernel
def overlapping_cells(motion: Motion, a: Print, b: Print) -> int:
    """Number of cells of a's finger area whose centres lie on b's after the motion."""
    c, s, shift_x, shift_y = motion
    columns, b_columns = a.mask_columns, b.mask_columns
    rows, b_rows = len(a.mask) // columns, len(b.mask) // b_columns
    count = 0
    for row in range(rows):
        x = c * 0.5 + s * (row + 0.5) + shift_x / CELL_PX  # of the row's first cell, in cells
        y = -s * 0.5 + c * (row + 0.5) - shift_y / CELL_PX
        for column in range(columns):
            if a.mask[row * columns + column]:
                b_column, b_row = int(np.floor(x + c * column)), int(np.floor(y - s * column))
                if 0 <= b_row < b_rows and 0 <= b_column < b_columns:
                    count += b.mask[b_row * b_columns + b_column]
    return count
