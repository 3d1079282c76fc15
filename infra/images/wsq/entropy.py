"""Decodes the blocks of a WSQ file: Huffman codes → quantised coefficients → values in their subbands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from infra.images.coded_bits import ENOUGH, Whole, following_16, lowest, refilled
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
    at: Whole,
    table: NDArray[np.uint16],
    bands: NDArray[np.int64],
    steps: NDArray[np.float32],
    centre: np.float32,
    plane: NDArray[np.float32],
    place: NDArray[np.int64],
) -> Whole:  # pragma: no cover  # compiled
    """Decode one block up to the next marker, or until all subbands are full.

    Args:
        data: the file.
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
    count: Whole = 0
    held = np.uint64(0)
    while place[0] < len(bands):
        if count < ENOUGH:
            at, held, count = refilled(data, at, held, count)
        entry = np.int64(table[following_16(held, count)])
        length, symbol = entry >> 8, entry & 255
        if length == 0 or length > count:
            if count >= 16:
                return WRONG_CODE
            break
        width = bits_after(symbol)
        if symbol == 0 or symbol > LAST or length + width > count:
            return WRONG_CODE
        count -= length + width
        bits = lowest(held, count, width)
        value = value_of(symbol, bits)
        if value != 0:
            band = place[0]
            plane[bands[band, 1] + place[1], bands[band, 0] + place[2]] = reconstructed(value, steps[band], centre)
        if not advance(place, run_of(symbol, bits), bands, steps):
            return TOO_MANY
    return at


@kernel
def bits_after(symbol: Whole) -> Whole:  # pragma: no cover  # compiled
    """Number of bits after a symbol's code."""
    if symbol < POSITIVE_8 or symbol > RUN_16:
        return 0
    return 8 if symbol in (POSITIVE_8, NEGATIVE_8, RUN_8) else 16


@kernel
def value_of(symbol: Whole, bits: Whole) -> Whole:  # pragma: no cover  # compiled
    """The quantised coefficient that a symbol states; 0 for runs of zeros."""
    if symbol in (POSITIVE_8, POSITIVE_16):
        return bits
    if symbol in (NEGATIVE_8, NEGATIVE_16):
        return -bits
    return symbol - ZERO if symbol > RUN_16 else 0


@kernel
def run_of(symbol: Whole, bits: Whole) -> Whole:  # pragma: no cover  # compiled
    """Number of coefficients that a symbol states."""
    if symbol in (RUN_8, RUN_16):
        return bits
    return symbol if symbol <= LONGEST_SHORT_RUN else 1


@kernel
def reconstructed(
    value: Whole, step: NDArray[np.float32], centre: np.float32
) -> np.float32:  # pragma: no cover  # compiled
    """The value that a quantised coefficient other than 0 stands for."""
    if value > 0:
        return np.float32(step[0] * (np.float32(value) - centre) + step[1])
    return np.float32(step[0] * (np.float32(value) + centre) - step[1])


@kernel
def advance(
    place: NDArray[np.int64], run: Whole, bands: NDArray[np.int64], steps: NDArray[np.float32]
) -> bool:  # pragma: no cover  # compiled
    """Move the place on by `run` coefficients, over rows and subbands; returns whether there are so many."""
    band, column = place[0], place[2] + run
    while column >= bands[band, 2]:
        column -= bands[band, 2]
        place[1] += 1
        if place[1] == bands[band, 3]:
            band, place[1] = next_band(bands, steps, band + 1), 0
            if band == len(bands):
                place[0], place[2] = band, 0
                return bool(column == 0)
    place[0], place[2] = band, column
    return True


@kernel
def next_band(
    bands: NDArray[np.int64], steps: NDArray[np.float32], band: Whole
) -> Whole:  # pragma: no cover  # compiled
    """The first subband from `band` on that is coded and not empty; 60 if none is."""
    while band < len(bands) and (steps[band, 0] == 0 or bands[band, 2] == 0 or bands[band, 3] == 0):
        band += 1
    return band
