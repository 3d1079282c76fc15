"""Separates fingers that stand side by side, also where they touch, by the paths that pass between them.

A path goes from above the hand to below it, leaning by at most 14°, and costs the length, mm, that it runs over ridges.
A path through a finger costs that finger's length; one between two fingers that touch costs the length of the
contact. So what every path pays for is a finger.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from services.fingerprint.slap.cover import CELLS_PER_MM, Cover

ROW_CELLS = 4
"""Rows are four cells high, so a path that moves one cell per row leans by 14°."""
ROW_MM = ROW_CELLS / CELLS_PER_MM

Rows = NDArray[np.float32]
"""float32, shape (rows, columns): upright hand; 16 px at 500 dpi per row, 4 px per column."""


def rows_of(upright: Cover) -> Rows:
    """Join four rows of cells to one."""
    size = (upright.shape[1], max(1, upright.shape[0] // ROW_CELLS))
    return np.asarray(cv2.resize(upright, size, interpolation=cv2.INTER_AREA), np.float32)


def least_costs(rows: Rows) -> Rows:
    """For each place the cost, mm, of the cheapest path through it."""
    return np.asarray((_from_above(rows) + _from_above(rows[::-1])[::-1] - rows) * ROW_MM, np.float32)


def path_between(rows: Rows, left: NDArray[np.bool_], right: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The cheapest path that has one area on its left and another on its right: its column in each row.

    Args:
        rows: where ridges are.
        left: bool, shape of `rows`: places that must stay left of the path; right: likewise.
    """
    barred = rows + _BARRED * (_left_of_last(left) | _left_of_last(right[:, ::-1])[:, ::-1]).astype(np.float32)
    costs = _from_above(np.asarray(barred, np.float32))
    path = np.empty(len(rows), np.intp)
    path[-1] = int(np.argmin(costs[-1]))
    for row in range(len(rows) - 2, -1, -1):
        first = max(0, path[row + 1] - 1)
        path[row] = first + int(np.argmin(costs[row, first : path[row + 1] + 2]))
    return path


def _from_above(rows: Rows) -> Rows:
    """Cost of the cheapest path from above to each place, itself included."""
    costs = np.empty_like(rows)
    before = np.full(rows.shape[1] + 2, np.inf, np.float32)
    before[1:-1] = 0
    for row, own in enumerate(rows):
        before[1:-1] = own + np.minimum(np.minimum(before[:-2], before[2:]), before[1:-1])
        costs[row] = before[1:-1]
    return costs


def _left_of_last(area: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Each row up to the last column of the area in it."""
    return np.asarray(np.logical_or.accumulate(area[:, ::-1], axis=1)[:, ::-1])


_BARRED = 1e4
