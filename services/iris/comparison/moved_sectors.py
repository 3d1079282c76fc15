"""Lets each sector of an iris lie a little aside of the rotation of the whole, where its bits say so.

Two captures never differ by a rotation alone: a circle drawn somewhat beside the pupil or the limbus, another width of
the pupil, an oblique view or a lens shift parts of the sheet by a column or a row. So at the best rotation:

1. Cut the iris into 8 sectors of 32 columns. Their borders lie midway between the columns of probe and reference, so
   that a·b equals b·a.
2. In each sector try the moves of the probe in `MOVES`: none, up to two columns further or back, or one row inwards
   or outwards.
3. Of d differing of n compared bits, the advantage of a move is n / 2 − d, less √n unless it is none. Keep the best
   one.
4. Sum n and d of all sectors. By chance alone the best moves raise z (rotations.py) by about `DRIFT`, which is
   subtracted.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from infra.kernels.kernel import kernel
from infra.kernels.population_count import population_count
from services.iris.comparison.rotations import REACH
from services.iris.template.features import CHANNELS, COLUMNS, Words

SECTORS = 8
SECTOR_COLUMNS = COLUMNS // SECTORS
MOVES = np.array([(0, 0), (-1, 0), (1, 0), (-2, 0), (2, 0), (0, -1), (0, 1)])
"""Columns and rows by which a sector of the probe is moved; int64 (7, 2)."""

DRIFT = 1.0
"""What moves raise z of different irises by, on average."""

Moves = NDArray[np.int64]
_Sector = tuple[Words, Words, int]
"""Codes and masks of all columns, and the first column of the sector."""

_BESIDE = REACH // 2


@kernel
def moved_counts(  # pragma: no cover  # compiled
    wide_code: Words, wide_mask: Words, code: Words, mask: Words, turn: int, moves: Moves
) -> tuple[int, int]:
    """Differing and compared bits of a probe and a reference, with the best move of each sector.

    Args:
        wide_code: the probe's, its columns repeated by `WIDE` (best_rotation.py); uint64 (300,).
        wide_mask: likewise.
        code: the reference's, uint64 (256,).
        mask: likewise.
        turn: rotation, columns.
        moves: written, int64 (8,): for each sector the row of `MOVES`.
    """
    code_around, mask_around = _around(code), _around(mask)
    differing, compared = np.int64(0), np.int64(0)
    for sector in range(SECTORS):
        best, most, fewest = -np.inf, np.int64(0), np.int64(0)
        for move in range(len(MOVES)):
            total, outwards = turn + MOVES[move, 0], MOVES[move, 1]
            if abs(total) <= REACH:
                first = SECTOR_COLUMNS * sector - total // 2
                unlike, n = _counts(
                    (wide_code, wide_mask, first + total + REACH),
                    (code_around, mask_around, first + _BESIDE),
                    (CHANNELS * max(outwards, 0), CHANNELS * max(-outwards, 0)),
                )
                advantage = 0.5 * n - unlike - (np.sqrt(n) if move else 0.0)
                if advantage > best or (advantage == best and n > most):
                    best, most, fewest, moves[sector] = advantage, n, unlike, move
        differing += fewest
        compared += most
    return int(differing), int(compared)


def laid(words: Words, turn: int, moves: Moves) -> tuple[Words, Words]:
    """The columns of probe and reference as they are compared, in the place that each sector has without a move.

    Args:
        words: codes or masks of both, uint64 (2, 256).
        turn: rotation, columns.
        moves: int64 (8,), by `moved_counts`.
    """
    laid = np.empty((2, COLUMNS), np.uint64)
    for sector, (further, outwards) in enumerate(MOVES[moves]):
        total, columns = turn + int(further), np.arange(SECTOR_COLUMNS)
        place = (SECTOR_COLUMNS * sector - turn // 2 + columns) % COLUMNS
        own = (SECTOR_COLUMNS * sector - total // 2 + columns) % COLUMNS
        up, down = np.uint64(CHANNELS * max(outwards, 0)), np.uint64(CHANNELS * max(-outwards, 0))
        laid[0][place] = (words[0][(own + total) % COLUMNS] << up) >> down
        laid[1][place] = words[1][own]
    return laid[0], laid[1]


@kernel
def _around(words: Words) -> Words:  # pragma: no cover  # compiled
    """A reference's columns, repeated at both ends so that each sector is a part of them; uint64 (278,)."""
    wide = np.empty(COLUMNS + 2 * _BESIDE, np.uint64)
    wide[:_BESIDE] = words[COLUMNS - _BESIDE :]
    wide[_BESIDE : _BESIDE + COLUMNS] = words
    wide[_BESIDE + COLUMNS :] = words[:_BESIDE]
    return wide


@kernel
def _counts(  # pragma: no cover  # compiled
    probe: _Sector, reference: _Sector, shift: tuple[int, int]
) -> tuple[np.int64, np.int64]:
    """Differing and compared bits of a sector, the probe's shifted up and then down by so many bits.

    Places are unsigned, as numba looks whether signed ones are negative; a slice would count references.
    """
    (turned_code, turned_mask, own), (code, mask, other) = probe, reference
    up, down = np.uint64(shift[0]), np.uint64(shift[1])
    differing, compared = np.uint64(0), np.uint64(0)
    for k in range(SECTOR_COLUMNS):
        here, there = np.uintp(own + k), np.uintp(other + k)
        common = ((turned_mask[here] << up) >> down) & mask[there]
        compared += population_count(common)
        differing += population_count((((turned_code[here] << up) >> down) ^ code[there]) & common)
    return np.int64(differing), np.int64(compared)
