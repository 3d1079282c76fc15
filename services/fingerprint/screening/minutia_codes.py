"""Encodes each minutia in 256 bits, for screening galleries.

1. The descriptor (comparison/descriptor.py) is padded with zeros to 256 numbers, multiplied by random signs and by the
   Hadamard matrix (Ailon, Chazelle 2006), all in integers.
2. The signs of the result are the code. The fewer bits of two codes differ, the smaller the angle between the
   descriptors (Charikar 2002); codes of orthogonal descriptors differ in 128 ± 8 bits.

A print's minutiae are sorted into 32 sectors of direction, so that minutiae of similar direction are adjacent.
Nothing here is fitted to data.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from infra.kernels.kernel import kernel
from services.fingerprint.comparison.descriptor import LENGTH, VALUES
from services.fingerprint.comparison.prints import new_room, open_in
from services.fingerprint.template.arrays import Descriptors, Indices
from services.fingerprint.template.unpacking import ANGLES, Packed, direction, record, record_bytes

Codes = NDArray[np.uint64]

BITS = 256
WORDS = BITS // 64
SECTORS = 32

_LANES = 16  # minutiae encoded side by side
_SIGNS = np.where(np.random.default_rng(1).random(BITS) < 0.5, -1, 1).astype(np.int32)
_SECTOR = (ANGLES.astype(np.float64) * (SECTORS / (2 * np.pi))).astype(np.uint8)
"""The sector of each direction, by the radians in float32 that comparisons use."""
_PLACES = np.arange(LENGTH).reshape(-1, VALUES).T.ravel()
"""Step 1 takes a descriptor's numbers point by point: the place of each one there."""


NO_CODES = np.empty((0, WORDS), np.uint64)
"""Codes of prints that are not screened: none."""


class Order(NamedTuple):
    """Order of one print's codes.

    Args:
        rows: int64, shape (128,): the minutia of each code; the first n are used.
        sectors: int64, shape (34,): each sector's first code, then twice the number of codes.
    """

    rows: Indices
    sectors: Indices


@kernel
def new_order() -> Order:
    """Memory for `sort`."""
    return Order(np.empty(128, np.int64), np.empty(SECTORS + 2, np.int64))


@kernel
def sort(packed: Packed, k: int, order: Order) -> None:
    """Write the order of print k's codes: by sector, within a sector as the minutiae."""
    rows, sectors = order
    sectors[:] = 0
    count = packed.starts[k + 1] - packed.starts[k]
    size = record_bytes(packed, k)
    for row in range(count):
        sectors[_sector(packed, k, row, size) + 2] += 1
    for sector in range(2, SECTORS + 2):
        sectors[sector] += sectors[sector - 1]
    for row in range(count):  # sectors[s + 1] counts up to the end of sector s, where sector s + 1 begins
        sector = _sector(packed, k, row, size)
        rows[sectors[sector + 1]] = row
        sectors[sector + 1] += 1


@kernel
def _sector(packed: Packed, k: int, row: int, size: int) -> int:
    return int(_SECTOR[direction(packed.data, record(packed, k, row, size))])


@kernel
def code_minutiae(packed: Packed) -> Codes:
    """Codes of prints, uint64, shape (minutiae of all prints, 4): print after print, in the order of `sort`."""
    codes, order, memory = np.empty((packed.starts[-1], WORDS), np.uint64), new_order(), new_room()
    for k in range(len(packed.starts) - 1):
        sort(packed, k, order)
        print_ = open_in(memory, packed, k)
        encode(print_.descriptors, order.rows, codes[packed.starts[k] : packed.starts[k + 1]])
    return codes


@kernel
def encode(descriptors: Descriptors, rows: Indices, codes: Codes) -> None:
    """Write the codes of n descriptors, taken in the order of `rows`; codes uint64, shape (n, 4)."""
    values, bits = np.empty(BITS * _LANES, np.int32), np.empty(_LANES, np.uint64)
    for first in range(0, len(codes), _LANES):
        lanes = min(_LANES, len(codes) - first)
        values[:] = 0
        for lane in range(lanes):
            for v in range(LENGTH):
                place = _PLACES[v]
                values[place * _LANES + lane] = _SIGNS[place] * descriptors[rows[first + lane], v]
        _transform(values)
        for word in range(WORDS):
            bits[:] = 0
            for v in range(64):
                for lane in range(_LANES):
                    bits[lane] |= np.uint64(values[(64 * word + v) * _LANES + lane] > 0) << np.uint64(v)
            codes[first : first + lanes, word] = bits[:lanes]


@kernel
def _transform(values: NDArray[np.int32]) -> None:
    """Multiply by the Hadamard matrix in place; int32, shape (256 · lanes,), one number's lanes adjacent."""
    half = BITS * _LANES // 2
    while half >= _LANES:
        for start in range(0, BITS * _LANES, 2 * half):
            for k in range(start, start + half):
                low, high = values[k], values[k + half]
                values[k] = low + high
                values[k + half] = low - high
        half //= 2
