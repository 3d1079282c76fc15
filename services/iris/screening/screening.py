"""Screening score of two irises by their short codes: a search's first pass over all; the best are compared in full.

1. The probe's short code (short_codes.py) is computed at 12 rotations: −18 to 22 columns of the full code
   (`ROTATIONS`), densest where head rotations are most frequent. Neighbouring rotations form groups of three.
2. On half of the cells, at every rotation: z = (2n − d) / √(n + 1) for n cells compared and d bits differing, which
   is 2·(0.5 − HD)·√(4n), minus half of the rotation's rarity (comparison/rotations.py, natural logarithm).
3. If the best z is below 3.8, it is the score. 95 % of the different irises of CASIA-Iris-Interval end here.
4. Otherwise step 2 is repeated on all cells, for the groups of rotations that reached 3.8, and the score is 64 plus
   the best z: higher than any score of step 3.

All counts are integers, of four irises at a time (population_counts.py).
"""

from __future__ import annotations

import numpy as np

from biometrics.comparison import Scores
from infra.kernels.kernel import kernel
from infra.kernels.vector_instructions import address
from services.iris.comparison.rotations import LOG_TURN, REACH
from services.iris.screening.population_counts import TOGETHER, highest_z_of_half, highest_z_of_whole
from services.iris.screening.short_codes import CELL_ROWS, LANES, ShortCodes, empty, shorten
from services.iris.template.features import CHANNELS, Words

ROTATIONS = np.array([-18, -14, -10, -6, -3, 0, 3, 6, 10, 14, 18, 22])
TURNS = len(ROTATIONS)
GROUPS = TURNS // TOGETHER
LEAST_HALF = 3.8
RARITY_WEIGHT = 0.5
AHEAD = 64.0

_LESS = np.repeat(np.float32(-RARITY_WEIGHT * LOG_TURN[ROTATIONS + REACH]), LANES)
_CODE_BYTES, _MASK_BYTES = (np.uintp(8 * LANES * words) for words in (CELL_ROWS * CHANNELS, CELL_ROWS))


def turn_all(codes: Words, masks: Words) -> ShortCodes:
    """Step 1: for each probe 12 blocks, each holding one short code with its words repeated for all four lanes.

    Args:
        codes: uint64 (probes, 256), full codes.
        masks: uint64 (probes, 256).
    """
    turned = empty(TURNS * len(codes))
    _turn_all(codes, masks, turned.codes, turned.masks)
    return turned


@kernel
def _turn_all(codes: Words, masks: Words, turned: Words, turned_masks: Words) -> None:  # pragma: no cover  # compiled
    for block in range(len(turned)):
        probe, turn = divmod(block, TURNS)
        shorten(codes[probe], masks[probe], ROTATIONS[turn], turned[block, :, 0], turned_masks[block, :, 0])
        for lane in range(1, LANES):
            turned[block, :, lane] = turned[block, :, 0]
            turned_masks[block, :, lane] = turned_masks[block, :, 0]


@kernel
def screen_all(  # pragma: no cover  # compiled
    codes: Words, masks: Words, other_codes: Words, other_masks: Words, scores: Scores
) -> None:
    """Steps 2 to 4: write the score of every probe with every reference.

    Args:
        codes: of the probes, by `turn_all`.
        masks: of the probes, by `turn_all`.
        other_codes: of the references, by `shorten_all`.
        other_masks: of the references, by `shorten_all`.
        scores: float32 (probes, references).
    """
    halves, best, less = np.empty((GROUPS, LANES), np.float32), np.empty(LANES, np.float32), _LESS.copy()
    for probe in range(len(scores)):
        turns = slice(TURNS * probe, TURNS * (probe + 1))
        turned = address(codes[turns]), address(masks[turns]), address(less)
        code, mask = address(other_codes), address(other_masks)
        for first in range(0, scores.shape[1], LANES):
            best[:] = -np.inf
            for group in range(GROUPS):
                highest_z_of_half(code, mask, *turned, np.uintp(group), address(halves[group]), address(best))
            if max(best[0], best[1], best[2], best[3]) >= LEAST_HALF:
                _raise(code, mask, turned, halves, best)
            for lane in range(min(LANES, scores.shape[1] - first)):
                scores[probe, first + lane] = best[lane]
            code, mask = code + _CODE_BYTES, mask + _MASK_BYTES


@kernel
def _raise(  # pragma: no cover  # compiled
    code: np.uintp, mask: np.uintp, turned: tuple[np.uintp, np.uintp, np.uintp], halves: Scores, best: Scores
) -> None:
    """Step 4 for a block of four irises, at the groups of rotations where at least one of them needs it."""
    whole, unused = np.empty(LANES, np.float32), np.zeros(LANES, np.float32)
    for group in range(GROUPS):
        if max(halves[group, 0], halves[group, 1], halves[group, 2], halves[group, 3]) >= LEAST_HALF:
            highest_z_of_whole(code, mask, *turned, np.uintp(group), address(whole), address(unused))
            for lane in range(LANES):
                if halves[group, lane] >= LEAST_HALF:
                    best[lane] = max(best[lane], whole[lane] + np.float32(AHEAD))
