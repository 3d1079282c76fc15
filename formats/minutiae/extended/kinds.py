"""What the extended data of a view holds, as written."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class RidgeCounts:
    """Ridges crossed between pairs of minutiae.

    Args:
        method: how pairs were chosen: 0 not stated, 1 by quadrants, 2 by octants.
        counts: uint8, shape (n, 3): first minutia, second minutia, ridges.
    """

    method: int
    counts: NDArray[np.uint8] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Core:
    """Position, and the angle in the record's unit if stated."""

    x: int
    y: int
    angle: int | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """Position, and three angles in the record's unit if stated."""

    x: int
    y: int
    angles: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Zones:
    """Quality of cells of the image.

    Args:
        cell: width and height of a cell, pixels.
        bits: per cell, 1–8.
        values: uint8, shape (rows, columns).
        vendor: of the algorithm (2011 only); 0 if not stated.
        algorithm: number that the vendor gave.
    """

    cell: tuple[int, int]
    bits: int
    values: NDArray[np.uint8] = field(repr=False)
    vendor: int = 0
    algorithm: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """A block of another type: those above 255 are vendors' own."""

    kind: int
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Extended:
    """All extended data of a view.

    Args:
        ridge_counts: None if there are none.
        cores: may be empty.
        deltas: may be empty.
        zones: None if there are none.
        blocks: of other types, in the order of the record.
    """

    ridge_counts: RidgeCounts | None = None
    cores: tuple[Core, ...] = ()
    deltas: tuple[Delta, ...] = ()
    zones: Zones | None = None
    blocks: tuple[Block, ...] = ()
