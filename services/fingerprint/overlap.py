"""How many minutiae of two prints lie where they overlap."""

from __future__ import annotations

import numpy as np

from infra.kernel import kernel
from services.fingerprint.alignment import inverse
from services.fingerprint.arrays import Floats, Mask, Motion, Print, Workspace
from services.fingerprint.features import CELL_PX


@kernel
def count_overlap(motion: Motion, a: Print, b: Print, w: Workspace) -> tuple[int, int]:
    """Minutiae of a, after the motion, on b's finger area; and of b, before it, on a's."""
    on_b = _count_on(motion, w.a, len(a.minutiae), b.mask, b.mask_columns)
    return on_b, _count_on(inverse(motion), w.b, len(b.minutiae), a.mask, a.mask_columns)


@kernel
def _count_on(motion: Motion, points: Floats, n: int, mask: Mask, columns: int) -> int:
    """How many points lie on a finger area after a motion."""
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
