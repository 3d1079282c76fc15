"""Decodes the blocks of a WSQ file: Huffman codes → quantised coefficients → values in their subbands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from infra.kernels.kernel import kernel

LONGEST_SHORT_RUN = 100
POSITIVE_8, NEGATIVE_8, POSITIVE_16, NEGATIVE_16, RUN_8, RUN_16 = range(101, 107)
ZERO = 180
"""Symbol 180 + v is the value v, −73 to 74; 1 to 100 are that many zeros; those between have 8 or 16 more bits."""

LAST = 254
WRONG_CODE, TOO_MANY = -1, -2


@kernel
def decode_block(
    data: NDArray[np.uint8],
    at: int,
    table: NDArray[np.uint16],
    bands: NDArray[np.int64],
    steps: NDArray[np.float32],
    centre: np.float32,
    plane: NDArray[np.float32],
    place: NDArray[np.int64],
) -> int:  # pragma: no cover  # compiled
    """Decode one block up to the next marker, or until all subbands are full.

    Args:
        data: the file. A byte FF in a block is followed by 00, which is dropped.
        at: where the block begins.
        table: `huffman.lookup`.
        bands: `subbands.layout`, (60, 4).
        steps: `Quantisation.steps`.
        centre: `Quantisation.centre`.
        plane: zeros, (height, width); the values are written into it.
        place: subband, row and column of the next coefficient; moved on. Subband 60: all are full.

    Returns:
        Where it ended; WRONG_CODE or TOO_MANY if it is damaged.
    """
    band, row, column = place[0], place[1], place[2]
    held, count, size = np.uint64(0), 0, len(data)
    while band < len(bands):
        while count <= 40 and at < size:  # at most 16 bits of code and 16 after it
            byte = data[at]
            if byte == 255:
                if at + 1 >= size or data[at + 1] != 0:
                    break
                at += 1
            at += 1
            held = (held << np.uint64(8)) | np.uint64(byte)
            count += 8
        if count >= 16:
            entry = np.int64(table[(held >> np.uint64(count - 16)) & np.uint64(0xFFFF)])
        else:  # before the marker: filled up with ones, which begin no code
            filled = (held << np.uint64(16 - count)) | np.uint64((1 << (16 - count)) - 1)
            entry = np.int64(table[filled & np.uint64(0xFFFF)])
        length, symbol = entry >> 8, entry & 255
        if length == 0 or length > count:
            if count >= 16:
                return WRONG_CODE
            break
        count -= length
        more = 0
        if symbol >= POSITIVE_8 and symbol <= RUN_16:
            wide = 8 if symbol == POSITIVE_8 or symbol == NEGATIVE_8 or symbol == RUN_8 else 16
            if count < wide:
                return WRONG_CODE
            count -= wide
            more = np.int64((held >> np.uint64(count)) & np.uint64((1 << wide) - 1))
        if symbol == 0 or symbol > LAST:
            return WRONG_CODE
        run, value = 1, 0
        if symbol <= LONGEST_SHORT_RUN:
            run = symbol
        elif symbol >= RUN_8 and symbol <= RUN_16:
            run = more
        elif symbol == POSITIVE_8 or symbol == POSITIVE_16:
            value = more
        elif symbol == NEGATIVE_8 or symbol == NEGATIVE_16:
            value = -more
        else:
            value = symbol - ZERO
        if value != 0:
            step, half = steps[band, 0], steps[band, 1]
            low = np.float32(value)
            result = step * (low - centre) + half if value > 0 else step * (low + centre) - half
            plane[bands[band, 1] + row, bands[band, 0] + column] = result
        column += run
        while column >= bands[band, 2]:
            column -= bands[band, 2]
            row += 1
            if row == bands[band, 3]:
                row = 0
                band = next_band(bands, steps, band + 1)
                if band == len(bands):
                    if column > 0:
                        return TOO_MANY
                    break
    place[0], place[1], place[2] = band, row, column
    return at


@kernel
def next_band(
    bands: NDArray[np.int64], steps: NDArray[np.float32], band: int
) -> int:  # pragma: no cover  # compiled
    """The first subband from `band` on that is coded and not empty; 60 if none is."""
    while band < len(bands) and (steps[band, 0] == 0 or bands[band, 2] == 0 or bands[band, 3] == 0):
        band += 1
    return band
