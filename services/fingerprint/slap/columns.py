"""Tells the fingers of an upright hand apart: a column of the image for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import log

import cv2
import numpy as np
from numpy.typing import NDArray

from services.fingerprint.slap.cover import CELLS_PER_MM, Cover
from services.fingerprint.slap.crossing import ROW_CELLS, ROW_MM, Rows, least_costs, path_between, rows_of

LEVELS_MM = tuple(range(2, 15))
PROMINENCE_MM = 2.5
"""By how much each path through a finger costs more than one between it and its neighbour."""
MIN_AREA_MM2 = 40.0
COVERED = 0.35
USUAL_RATIO = 1.45
"""Of the widest to the narrowest finger of a hand."""
USUAL_ASPECT = 1.4
"""Of width to length."""
WIDEST_MM = 21.0
COST_MM = 15.0
CLEAR_MM = 9.0
LEAST_LENGTH_MM = 3.0
"""Of ridges in a column of cells that counts for the width."""


@dataclass(frozen=True, slots=True)
class Column:
    """What lies between the paths on both sides of one finger.

    Args:
        left: int, (rows,): per row of four cells, the column of the path on its left; −1 at the edge.
        right: likewise on its right; the number of columns at the edge.
        length_mm: over ridges, of the cheapest path through the finger.
        contact_mm: over ridges, of the dearer one of the paths beside it: how long it touches a neighbour.
        width_mm: width of all its ridges, one above the other.
    """

    left: NDArray[np.intp] = field(repr=False)
    right: NDArray[np.intp] = field(repr=False)
    length_mm: float
    contact_mm: float
    width_mm: float

    @property
    def margin_mm(self) -> float:
        """By how much the finger stands out."""
        return self.length_mm - self.contact_mm

    def area(self, shape: tuple[int, ...]) -> NDArray[np.bool_]:
        """Its cells: bool, shape of the upright cover."""
        across = np.arange(shape[1])
        rows = np.minimum(np.arange(shape[0]) // ROW_CELLS, len(self.left) - 1)
        return np.asarray((across > self.left[rows, None]) & (across < self.right[rows, None]))


def likeliness(fingers: Sequence[Column]) -> float:
    """How much columns look like the fingers of one hand, in mm of margin.

    The least margin, as far as it is under 9 mm, and 1 mm for each finger, as one may hide below another in a wrong
    direction; less what it costs that widths differ by a factor of over 1.45, that
    a finger is wider than 21 mm, or that its ridges are wider than 1.4 times their length.
    """
    if not fingers:
        return 0.0
    widths = np.array([max(each.width_mm, 1.0) for each in fingers])
    lengths = np.array([max(each.length_mm, 1.0) for each in fingers])
    unequal = max(log(widths.max() / widths.min() / USUAL_RATIO), 0.0)
    too_wide = float(np.maximum(widths - WIDEST_MM, 0).sum())
    too_short = float(np.maximum(np.log(widths / lengths / USUAL_ASPECT), 0).sum())
    margin = min(each.margin_mm for each in fingers)
    return min(margin, CLEAR_MM) + len(fingers) - COST_MM * (unequal + too_short) - too_wide


def partitions(cover: Cover) -> list[list[Column]]:
    """Ways to tell the fingers of an upright hand apart, each from left to right.

    1. For each place the cost of the cheapest path through it (crossing.py).
    2. Fingers are areas where that is over some length, and somewhere 2.5 mm more. The length is raised from 2 to
       14 mm, past longer and longer contacts, and past ever larger faults of a print. Each number of areas is one way.
    3. The cheapest path between two areas separates their columns.
    """
    rows = rows_of(cover)
    costs = least_costs(rows)
    ways: dict[int, list[NDArray[np.bool_]]] = {}
    for level in LEVELS_MM:
        cores = _cores(rows, costs, level)
        ways.setdefault(len(cores), cores)
    return [_columns(rows, costs, cores) for cores in ways.values() if cores]


def _columns(rows: Rows, costs: Rows, cores: Sequence[NDArray[np.bool_]]) -> list[Column]:
    paths = [path_between(rows, left, right) for left, right in pairwise(cores)]
    contacts = [float(rows[np.arange(len(rows)), path].sum()) * ROW_MM for path in paths]
    bounds = [np.full(len(rows), -1), *paths, np.full(len(rows), rows.shape[1])]
    beside = [0.0, *contacts, 0.0]
    return [
        Column(
            bounds[number],
            bounds[number + 1],
            float(costs[core].max()),
            max(beside[number : number + 2]),
            _width_mm(rows, bounds[number], bounds[number + 1]),
        )
        for number, core in enumerate(cores)
    ]


def _width_mm(rows: Rows, left: NDArray[np.intp], right: NDArray[np.intp]) -> float:
    across = np.arange(rows.shape[1])
    own = (across > left[:, None]) & (across < right[:, None]) & (rows > COVERED)
    lengths_mm = np.count_nonzero(own, axis=0) * ROW_MM
    return float(np.count_nonzero(lengths_mm >= LEAST_LENGTH_MM)) / CELLS_PER_MM


def _cores(rows: Rows, costs: Rows, level: float) -> list[NDArray[np.bool_]]:
    """The areas of a level that are fingers, from left to right."""
    count, labels, _, middles = cv2.connectedComponentsWithStats((costs >= level).astype(np.uint8), connectivity=4)
    found = []
    for label in 1 + np.argsort(middles[1:count, 0]):
        area = labels == label
        covered_mm2 = float(rows[area].sum()) * ROW_MM / CELLS_PER_MM
        if covered_mm2 >= MIN_AREA_MM2 and costs[area].max() >= level + PROMINENCE_MM:
            found.append(area)
    return found
