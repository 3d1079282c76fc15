"""The overlap of two prints."""

from __future__ import annotations

import numpy as np
import pytest

from services.fingerprint.comparison.overlap import overlapping_cells
from services.fingerprint.template.arrays import Print

CELL = 16.0


def _area(rows: int, columns: int) -> Print:
    minutiae = np.zeros((0, 3), np.float32)
    signs, mask = np.zeros(0, np.uint32), np.ones(rows * columns, np.bool_)
    return Print(minutiae, np.zeros((0, 160), np.int16), signs, mask, columns)


@pytest.mark.parametrize(
    ("motion", "cells"),
    [
        ((1.0, 0.0, 0.0, 0.0), 12),
        ((1.0, 0.0, 2 * CELL, 0.0), 12),
        ((1.0, 0.0, 4 * CELL, 0.0), 6),
        ((1.0, 0.0, -CELL, -4 * CELL), 6),
        ((0.0, 1.0, 3 * CELL, -4 * CELL), 12),
        ((1.0, 0.0, 0.0, 3 * CELL), 0),
    ],
)
def test_overlapping_cells_are_counted_after_the_motion(motion: tuple[float, float, float, float], cells: int) -> None:
    """A finger area of 3×4 cells over one of 6×6 (y upward): still, shifted, rotated by 90°, and off it."""
    assert cells == overlapping_cells(motion, _area(3, 4), _area(6, 6))


def test_cells_off_the_finger_do_not_count() -> None:
    """Cells not marked in one of the two areas are not counted."""
    a, b = _area(2, 2), _area(2, 2)
    a.mask[0], b.mask[3] = False, False
    assert 2 == overlapping_cells((1.0, 0.0, 0.0, 0.0), a, b)
