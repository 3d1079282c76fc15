"""Reduces a stored iris code to 2,048 bits, for screening galleries.

1. The code's 16 × 256 positions of four bits are grouped into cells of 2 rows by 4 columns: 8 × 64 cells.
2. In each of the four channels a cell's bit is the majority of its valid bits, 0 for a tie.
3. A cell may be compared if at least 8 of its 32 bits are valid: one mask bit for all four channels.

A word is one row of cells, bit by bit around the eye. Four irises are interleaved word by word, so that one vector
instruction processes four (population_counts.py). Odd rows come first: half of the bits, evenly spread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from infra.kernels.kernel import kernel
from services.iris.template.features import CHANNELS, COLUMNS, Words

CELL_ROWS, CELL_COLUMNS = 8, 64
LANES = 4  # interleaved irises
LEAST_VALID = 8  # bits of 32
ROW_ORDER = (1, 3, 5, 7, 0, 2, 4, 6)
_ALIGNED = 64  # bytes: a cache line

_WIDTH = COLUMNS // CELL_COLUMNS
_PLACES = np.argsort(ROW_ORDER)
_SPREAD = np.array([sum((n >> bit & 1) << 8 * bit for bit in range(CHANNELS)) for n in range(16)], np.uint32)
"""Spreads four bits to four bytes of 0 or 1."""

_HIGHS = 0x80808080


class ShortCodes(NamedTuple):
    """Short codes of many irises, in blocks of four; the last block is padded with empty masks.

    Args:
        codes: uint64 (blocks, 32, 4): for each row of cells the four channels.
        masks: uint64 (blocks, 8, 4): for each row of cells.
    """

    codes: Words
    masks: Words


def empty(blocks: int) -> ShortCodes:
    """Blocks of irises without valid bits, aligned to cache lines."""
    return ShortCodes(_zeros((blocks, CELL_ROWS * CHANNELS, LANES)), _zeros((blocks, CELL_ROWS, LANES)))


def shorten_all(codes: Words, masks: Words) -> ShortCodes:
    """The short codes of irises; both arguments uint64 (irises, 256)."""
    short = empty(-(-len(codes) // LANES))
    _shorten_all(codes, masks, short.codes, short.masks)
    return short


def gathered(parts: Sequence[tuple[ShortCodes, NDArray[np.int64]]]) -> ShortCodes:
    """The short codes of chosen irises, in order; each part's rows, int64, count its irises from 0."""
    count, first = sum(rows.size for _, rows in parts), 0
    joined = empty(-(-count // LANES))
    for short, rows in parts:
        here, there = np.divmod(np.arange(first, first + rows.size), LANES), np.divmod(rows, LANES)
        joined.codes[here[0], :, here[1]] = short.codes[there[0], :, there[1]]
        joined.masks[here[0], :, here[1]] = short.masks[there[0], :, there[1]]
        first += rows.size
    return joined


def _zeros(shape: tuple[int, ...]) -> Words:
    words = np.zeros(int(np.prod(shape)) + _ALIGNED // 8, np.uint64)
    first = -words.ctypes.data % _ALIGNED // 8
    return words[first : first + int(np.prod(shape))].reshape(shape)


@kernel
def _shorten_all(  # pragma: no cover  # compiled
    codes: Words, masks: Words, short_codes: Words, short_masks: Words
) -> None:
    for k in range(len(codes)):
        block, lane = divmod(k, LANES)
        shorten(codes[k], masks[k], 0, short_codes[block, :, lane], short_masks[block, :, lane])


@kernel
def shorten(  # pragma: no cover  # compiled
    code: Words, mask: Words, turn: int, short_code: Words, short_mask: Words
) -> None:
    """Write the short code of one iris rotated by `turn` columns of the full code.

    Args:
        code: uint64 (256,).
        mask: uint64 (256,).
        turn: columns.
        short_code: uint64 (32,), all 0.
        short_mask: uint64 (8,), all 0.
    """
    for column in range(CELL_COLUMNS):
        for row in range(CELL_ROWS):
            ones, valid = _tally(code, mask, row, _WIDTH * column + turn)
            if (valid * 0x01010101) >> 24 & 0xFF < LEAST_VALID:
                continue
            majority = (2 * ones + _HIGHS - valid - 0x01010101) & _HIGHS
            place = _PLACES[row]
            short_mask[place] |= np.uint64(1) << np.uint64(column)
            for channel in range(CHANNELS):
                bit = np.uint64(majority >> (8 * channel + 7) & 1)
                short_code[CHANNELS * place + channel] |= bit << np.uint64(column)


@kernel
def _tally(code: Words, mask: Words, row: int, first: int) -> tuple[int, int]:  # pragma: no cover  # compiled
    """Number of 1 bits and of valid bits of a cell, packed with one byte per channel."""
    ones, valid = 0, 0
    low, high = np.uint64(8 * row), np.uint64(8 * row + 4)
    for k in range(first, first + _WIDTH):
        word, valids = code[k % COLUMNS], mask[k % COLUMNS]
        ones += _spread(word >> low) + _spread(word >> high)
        valid += _spread(valids >> low) + _spread(valids >> high)
    return ones, valid


@kernel
def _spread(bits: np.uint64) -> int:  # pragma: no cover  # compiled
    return int(_SPREAD[np.int64(bits) & 15])
