"""Decodes a scan of lossless JPEG: differences from predictions (ITU-T T.81, annex H)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from infra.images.coded_bits import ENOUGH, Whole, following_16, lowest, refilled
from infra.kernels.kernel import kernel

WRONG = -1
LARGEST_CATEGORY = 16


@kernel
def decode_scan(
    data: NDArray[np.uint8],
    at: Whole,
    lookups: NDArray[np.uint16],
    places: NDArray[np.int64],
    predictor: Whole,
    first: Whole,
    restart_rows: Whole,
    samples: NDArray[np.uint16],
) -> Whole:  # pragma: no cover  # compiled
    """Decode one scan.

    Args:
        data: the file.
        at: where the scan begins.
        lookups: `huffman.lookup` of each of its colours, (colours, 65536).
        places: which colours these are.
        predictor: 1 to 7.
        first: prediction of the first sample.
        restart_rows: rows between two restart markers; 0: none.
        samples: (height, width, all colours); those of the scan are written. They count modulo 2^16.

    Returns:
        Where it ended; WRONG if it is damaged.
    """
    count: Whole = 0
    held, top = np.uint64(0), 0
    for row in range(samples.shape[0]):
        if restart_rows > 0 and row > 0 and row % restart_rows == 0:
            if not restarts(data, at):
                return WRONG
            at, count, top = at + 2, 0, row
        for column in range(samples.shape[1]):
            for number in range(len(places)):
                if count < ENOUGH:
                    at, held, count = refilled(data, at, held, count)
                entry = np.int64(lookups[number, following_16(held, count)])
                length, category = entry >> 8, entry & 255
                more = 0 if category == LARGEST_CATEGORY else category
                if length == 0 or category > LARGEST_CATEGORY or length + more > count:
                    return WRONG
                count -= length + more
                change = difference(category, lowest(held, count, more))
                place = places[number]
                expected = guess(samples, row, column, place, top, predictor, first)
                samples[row, column, place] = np.uint16((expected + change) & 0xFFFF)
    return at


@kernel
def restarts(data: NDArray[np.uint8], at: Whole) -> bool:  # pragma: no cover  # compiled
    """Whether a restart marker is here."""
    return bool(at + 1 < len(data) and data[at] == 255 and data[at + 1] >= 0xD0 and data[at + 1] <= 0xD7)


@kernel
def difference(category: Whole, bits: Whole) -> Whole:  # pragma: no cover  # compiled
    """The difference of a category, by the bits after its code (section H.1.2.2)."""
    if category == LARGEST_CATEGORY:
        return 32768
    if category > 0 and bits < (1 << (category - 1)):
        return bits + 1 - (1 << category)
    return bits


@kernel
def guess(
    samples: NDArray[np.uint16], row: Whole, column: Whole, place: Whole, top: Whole, predictor: Whole, first: Whole
) -> Whole:  # pragma: no cover  # compiled
    """The prediction of a sample; `top`: the first row, or the first after a restart."""
    if row == top:
        return np.int64(samples[row, column - 1, place]) if column > 0 else first
    above = np.int64(samples[row - 1, column, place])
    if column == 0:
        return above
    left, corner = np.int64(samples[row, column - 1, place]), np.int64(samples[row - 1, column - 1, place])
    return predicted(predictor, left, above, corner)


@kernel
def predicted(predictor: Whole, left: Whole, above: Whole, corner: Whole) -> Whole:  # pragma: no cover  # compiled
    """The prediction of a sample by its neighbours (table H.1)."""
    if predictor <= 3:
        return left if predictor == 1 else above if predictor == 2 else corner
    if predictor == 4:
        return left + above - corner
    if predictor == 5:
        return left + ((above - corner) >> 1)
    if predictor == 6:
        return above + ((left - corner) >> 1)
    return (left + above) >> 1
