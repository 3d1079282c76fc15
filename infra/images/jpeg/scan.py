"""Decodes a scan of lossless JPEG: differences from predictions (ITU-T T.81, annex H)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from infra.kernels.kernel import kernel

WRONG = -1
LARGEST_CATEGORY = 16


@kernel
def decode_scan(
    data: NDArray[np.uint8],
    at: int,
    lookups: NDArray[np.uint16],
    places: NDArray[np.int64],
    predictor: int,
    first: int,
    restart_rows: int,
    samples: NDArray[np.uint16],
) -> int:  # pragma: no cover  # compiled
    """Decode one scan.

    Args:
        data: the file. A byte FF in a scan is followed by 00, which is dropped.
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
    held, count, size = np.uint64(0), 0, len(data)
    top = 0
    for row in range(samples.shape[0]):
        if restart_rows > 0 and row > 0 and row % restart_rows == 0:
            if at + 1 >= size or data[at] != 255 or data[at + 1] < 0xD0 or data[at + 1] > 0xD7:
                return WRONG
            at, count, top = at + 2, 0, row
        for column in range(samples.shape[1]):
            for number in range(len(places)):
                while count <= 40 and at < size:  # at most 16 bits of code and 15 after it
                    byte = data[at]
                    if byte == 255:
                        if at + 1 >= size or data[at + 1] != 0:
                            break
                        at += 1
                    at += 1
                    held = (held << np.uint64(8)) | np.uint64(byte)
                    count += 8
                if count >= 16:
                    window = held >> np.uint64(count - 16)
                else:  # before a marker: filled up with ones, which begin no code
                    window = (held << np.uint64(16 - count)) | np.uint64((1 << (16 - count)) - 1)
                entry = np.int64(lookups[number, np.int64(window & np.uint64(0xFFFF))])
                length, category = entry >> 8, entry & 255
                more = 0 if category == LARGEST_CATEGORY else category
                if length == 0 or category > LARGEST_CATEGORY or length + more > count:
                    return WRONG
                count -= length + more
                difference = np.int64((held >> np.uint64(count)) & np.uint64((1 << more) - 1))
                if category == LARGEST_CATEGORY:
                    difference = 32768
                elif category > 0 and difference < (1 << (category - 1)):
                    difference += 1 - (1 << category)
                place = places[number]
                if row == top:
                    guess = np.int64(samples[row, column - 1, place]) if column > 0 else first
                elif column == 0:
                    guess = np.int64(samples[row - 1, 0, place])
                else:
                    left = np.int64(samples[row, column - 1, place])
                    above = np.int64(samples[row - 1, column, place])
                    corner = np.int64(samples[row - 1, column - 1, place])
                    guess = predicted(predictor, left, above, corner)
                samples[row, column, place] = np.uint16((guess + difference) & 0xFFFF)
    return at


@kernel
def predicted(predictor: int, left: int, above: int, corner: int) -> int:  # pragma: no cover  # compiled
    """The prediction of a sample by its neighbours (table H.1)."""
    if predictor == 1:
        return left
    if predictor == 2:
        return above
    if predictor == 3:
        return corner
    if predictor == 4:
        return left + above - corner
    if predictor == 5:
        return left + ((above - corner) >> 1)
    if predictor == 6:
        return above + ((left - corner) >> 1)
    return (left + above) >> 1
