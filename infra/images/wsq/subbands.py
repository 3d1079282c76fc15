"""Where the 64 subbands of a picture lie, and in which order their halves are joined.

The picture is split into low and high frequencies across and down; some of the parts are split again (IAFIS-IC-0110,
figure 6). A part lies at the place of its frequency: splitting a part that holds high frequencies turns their order
round, so its high half comes first. Of an odd number of samples the low half has one more.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Regions = NDArray[np.int64]


class Region(NamedTuple):
    """A rectangle of the plane of coefficients.

    Args:
        left: its first column.
        top: its first row.
        width: in coefficients.
        height: in coefficients.
        is_turned_across: whether, when it is split, its high half comes first, across.
        is_turned_down: the same, down.
    """

    left: int
    top: int
    width: int
    height: int
    is_turned_across: bool = False
    is_turned_down: bool = False


def layout(width: int, height: int) -> tuple[Regions, Regions]:
    """The subbands and joins of a picture.

    Returns:
        The 60 coded subbands in their order in the file, (60, 4): left, top, width, height. The remaining four, the
        highest frequencies both ways, are always zero.
        The 20 regions to join, in an order in which each one's parts are joined before it, (20, 6): as `Region`.
    """
    whole = Region(0, 0, width, height)
    low, right, below, _ = split(whole)
    lowest, middle_right, middle_below, middle_corner = split(low)
    joined = [whole, low, right, below, lowest, middle_right, middle_below]
    sixteens = []
    for region in (lowest, middle_right, middle_below):
        parts = split(region)
        joined += parts
        sixteens.append([band for part in parts for band in split(part)])
    first = sixteens[0][0]
    joined.append(first)
    rest = [*sixteens[0][1:], *sixteens[1], *sixteens[2], middle_corner]
    bands = [*split(first), *rest, *split(right), *split(below)]
    return np.asarray([band[:4] for band in bands], np.int64), np.asarray(joined[::-1], np.int64)


def split(region: Region) -> list[Region]:
    """The four parts of a region, row by row."""
    across = _halves(region.left, region.width, region.is_turned_across)
    down = _halves(region.top, region.height, region.is_turned_down)
    return [
        Region(left, top, width, height, bool(column), bool(row))
        for row, (top, height) in enumerate(down)
        for column, (left, width) in enumerate(across)
    ]


def _halves(start: int, size: int, is_turned: bool) -> tuple[tuple[int, int], tuple[int, int]]:  # noqa: FBT001  # of a Region
    first = size // 2 if is_turned else (size + 1) // 2
    return (start, first), (start + first, size - first)
