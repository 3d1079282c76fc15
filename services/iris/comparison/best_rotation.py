"""Searches the rotation at which two iris codes have the highest evidence of being of one eye."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from infra.kernels.kernel import kernel
from infra.kernels.population_count import population_count
from services.iris.comparison.rotations import COARSE_STEP, COARSE_STEPS, REACH, evidence
from services.iris.template.features import COLUMNS, Words

WIDE = (np.arange(COLUMNS + 2 * REACH) - REACH) % COLUMNS
"""Columns of a code repeated at both ends, so that each rotation is a part of them; int64 (300,)."""

COARSE = 2 * COARSE_STEPS + 1
"""Rotations that are tried first."""


@kernel
def counts_at(  # pragma: no cover  # compiled
    wide_code: Words, wide_mask: Words, code: Words, mask: Words, turn: int
) -> tuple[int, int]:
    """Differing and compared bits of a probe, its columns repeated by `WIDE`, and a reference at one rotation."""
    turned_code, turned_mask = wide_code[turn + REACH :], wide_mask[turn + REACH :]
    differing = np.uint64(0)
    compared = np.uint64(0)
    for k in range(COLUMNS):
        common = turned_mask[k] & mask[k]
        compared += population_count(common)
        differing += population_count((turned_code[k] ^ code[k]) & common)
    return int(differing), int(compared)


@kernel
def _evidence_at(  # pragma: no cover  # compiled
    wide_code: Words, wide_mask: Words, code: Words, mask: Words, turn: int
) -> float:
    differing, compared = counts_at(wide_code, wide_mask, code, mask, turn)
    return evidence(differing, compared, turn)


@kernel
def best_evidence(  # pragma: no cover  # compiled
    wide_code: Words, wide_mask: Words, code: Words, mask: Words, coarse: NDArray[np.float64]
) -> tuple[float, int]:
    """Highest evidence over rotations, and the rotation, in columns.

    The neighbours of all equally good coarse rotations count, so that a·b equals b·a.

    Args:
        wide_code: the probe's, its columns repeated by `WIDE`; uint64 (300,).
        wide_mask: likewise.
        code: the reference's, uint64 (256,).
        mask: likewise.
        coarse: scratch memory, float64 (COARSE,).
    """
    for k in range(len(coarse)):
        coarse[k] = _evidence_at(wide_code, wide_mask, code, mask, COARSE_STEP * (k - COARSE_STEPS))
    highest = best = float(coarse.max())
    best_turn = COARSE_STEP * (int(coarse.argmax()) - COARSE_STEPS)
    for k in range(len(coarse)):
        if coarse[k] == highest:
            for step in (-1, 1):
                turn = COARSE_STEP * (k - COARSE_STEPS) + step
                found = _evidence_at(wide_code, wide_mask, code, mask, turn)
                if found > best:
                    best, best_turn = found, turn
    return best, best_turn
