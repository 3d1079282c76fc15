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
from services.fingerprint.template.arrays import Descriptors, Floats, Indices

Codes = NDArray[np.uint64]

BITS = 256
WORDS = BITS // 64
SECTORS = 32

_LANES = 16  # minutiae encoded side by side
_SIGNS = np.where(np.random.default_rng(1).random(BITS) < 0.5, -1, 1).astype(np.int32)
_PER_RADIAN = SECTORS / (2 * np.pi)


class MinutiaCodes(NamedTuple):
    """Codes of prints; print k has the same rows as in `Prints`, sorted by sector, within a sector in the order there.

    Args:
        codes: uint64, shape (minutiae of all prints, 4).
        places: float32, shape (minutiae of all prints, 4): x, y (px), cosine and sine of the direction.
        sectors: uint8, shape (prints, 33): index of each sector's first minutia within the print.
    """

    codes: Codes
    places: NDArray[np.float32]
    sectors: NDArray[np.uint8]


NO_MINUTIA_CODES = MinutiaCodes(
    np.empty((0, WORDS), np.uint64), np.empty((0, 4), np.float32), np.empty((0, SECTORS + 1), np.uint8)
)
"""Codes of prints that are not screened: none."""


@kernel
def code_minutiae(minutiae: Floats, descriptors: Descriptors, starts: Indices) -> MinutiaCodes:
    """Encode prints; the arguments are those of `Prints`."""
    places = np.empty((len(minutiae), 4), np.float32)
    sectors, order = np.empty((len(starts) - 1, SECTORS + 1), np.uint8), np.empty(len(minutiae), np.int64)
    for k in range(len(starts) - 1):
        _sort(minutiae, starts[k], starts[k + 1], sectors[k], order)
    for row in range(len(minutiae)):
        x, y, angle = minutiae[order[row]]
        places[row, 0], places[row, 1], places[row, 2], places[row, 3] = x, y, np.cos(angle), np.sin(angle)
    return MinutiaCodes(_encode(descriptors, order), places, sectors)


@kernel
def _sort(minutiae: Floats, first: int, last: int, sectors: NDArray[np.uint8], order: Indices) -> None:
    """Write where one print's sectors begin, and the minutia of each of its rows."""
    row = first
    for sector in range(SECTORS):
        sectors[sector] = row - first
        for i in range(first, last):
            if min(int(minutiae[i, 2] * _PER_RADIAN), SECTORS - 1) == sector:
                order[row] = i
                row += 1
    sectors[SECTORS] = row - first


@kernel
def _encode(descriptors: Descriptors, order: Indices) -> Codes:
    """The codes of the descriptors in this order; uint64, shape (n, 4)."""
    codes = np.zeros((len(order), WORDS), np.uint64)
    values, bits = np.empty(BITS * _LANES, np.int32), np.empty(_LANES, np.uint64)
    for first in range(0, len(order), _LANES):
        lanes = min(_LANES, len(order) - first)
        values[:] = 0
        for lane in range(lanes):
            for v in range(descriptors.shape[1]):
                values[v * _LANES + lane] = _SIGNS[v] * descriptors[order[first + lane], v]
        _transform(values)
        for word in range(WORDS):
            bits[:] = 0
            for v in range(64):
                for lane in range(_LANES):
                    bits[lane] |= np.uint64(values[(64 * word + v) * _LANES + lane] > 0) << np.uint64(v)
            codes[first : first + lanes, word] = bits[:lanes]
    return codes


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
