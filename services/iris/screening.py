"""A score cheap enough to be made with every iris of a gallery; the best are compared in full (comparator.py).

1. The probe's short code (short_codes.py) is made at 15 rotations: turned by −21, −18 … 21 columns of the
   full code, finer than the 4 columns of a cell.
2. On half of the cells, at every rotation: z = (2n − d) / √(n + 1) for n cells compared and d bits differing, which
   is 2·(0.5 − HD)·√(4n), less half of how rare the rotation is (rotations.py, natural logarithm).
3. Where the best z is below 3.8, it is the score. 95 % of the different irises of CASIA-Iris-Interval end here.
4. Else the same is done on all cells, and the score is 64 more than the best z: higher than any of step 3.

All is counted in integers, four irises at a time (counting.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Scores
from infra.kernel import kernel
from services.iris.counting import best_z_of_half, best_z_of_whole
from services.iris.features import CHANNELS, Words
from services.iris.rotations import COARSE_STEP, COARSE_STEPS, LOG_TURN
from services.iris.short_codes import CELL_ROWS, LANES, ShortCodes, empty, shorten

TURNS = 2 * COARSE_STEPS + 1
LEAST_HALF = 3.8
RARITY_WEIGHT = 0.5
AHEAD = 64.0

_LESS = np.repeat(np.float32(-RARITY_WEIGHT * LOG_TURN[1::COARSE_STEP]), LANES)
_CODE_BYTES, _MASK_BYTES = (np.uintp(8 * LANES * words) for words in (CELL_ROWS * CHANNELS, CELL_ROWS))
_LESS_BYTES = np.uintp(4 * LANES)


def turn_all(codes: Words, masks: Words) -> ShortCodes:
    """Step 1: of each probe 15 blocks of one short code each, its words as often as irises stand side by side.

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
        first = COARSE_STEP * (turn - COARSE_STEPS)
        shorten(codes[probe], masks[probe], first, turned[block, :, 0], turned_masks[block, :, 0])
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
    best, less = np.empty((2, LANES), np.float32), _LESS.copy()
    half, whole, rarity = _address(best[0]), _address(best[1]), _address(less)
    for probe in range(len(scores)):
        turns = slice(TURNS * probe, TURNS * (probe + 1))
        probe_code, probe_mask = _address(codes[turns]), _address(masks[turns])
        code, mask = _address(other_codes), _address(other_masks)
        for first in range(0, scores.shape[1], LANES):
            best[:] = -np.inf
            for k in range(TURNS):
                c, m, r = _at(probe_code, k, _CODE_BYTES), _at(probe_mask, k, _MASK_BYTES), _at(rarity, k, _LESS_BYTES)
                best_z_of_half(code, mask, c, m, r, half)
            if max(best[0, 0], best[0, 1], best[0, 2], best[0, 3]) >= LEAST_HALF:
                for k in range(TURNS):
                    c, m, r = (
                        _at(probe_code, k, _CODE_BYTES),
                        _at(probe_mask, k, _MASK_BYTES),
                        _at(rarity, k, _LESS_BYTES),
                    )
                    best_z_of_whole(code, mask, c, m, r, whole)
            for lane in range(min(LANES, scores.shape[1] - first)):
                ahead = best[1, lane] + np.float32(AHEAD)
                scores[probe, first + lane] = best[0, lane] if best[0, lane] < LEAST_HALF else ahead
            code, mask = code + _CODE_BYTES, mask + _MASK_BYTES


@kernel
def _at(address: np.uintp, k: int, size: np.uintp) -> np.uintp:  # pragma: no cover  # compiled
    return address + np.uintp(k) * size


@kernel
def _address(array: NDArray[Any]) -> np.uintp:  # pragma: no cover  # compiled
    return np.uintp(array.ctypes.data)
