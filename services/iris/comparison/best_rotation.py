"""Searches the rotation, and small moves of sectors, with which two codes have most evidence of being of one eye."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from infra.kernels.kernel import kernel
from infra.kernels.population_count import population_count
from services.iris.comparison.moved_sectors import DRIFT, SECTORS, moved_counts
from services.iris.comparison.rotations import COARSE_STEP, COARSE_STEPS, REACH, evidence
from services.iris.template.features import COLUMNS, Words

WIDE = (np.arange(COLUMNS + 2 * REACH) - REACH) % COLUMNS
"""Columns of a code repeated at both ends, so that each rotation is a part of them; int64 (300,)."""

LEAST_MOVED = -0.5
"""Least evidence of the best rotation from which sectors are moved: below it that hardly pays."""

Scratch = tuple[NDArray[np.float64], NDArray[np.int64]]


@kernel
def scratch() -> Scratch:  # pragma: no cover  # compiled
    """Memory for `best_evidence`: each rotation's evidence, float64 (45,), and each sector's move, int64 (8,)."""
    return np.empty(2 * REACH + 1, np.float64), np.zeros(SECTORS, np.int64)


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
def best_evidence(  # pragma: no cover  # compiled
    wide_code: Words, wide_mask: Words, code: Words, mask: Words, scratch: Scratch
) -> tuple[float, int, bool]:
    """Highest evidence over rotations, the rotation, in columns, and whether sectors are moved for it.

    The neighbours of all equally good coarse rotations count, and all equally good rotations are refined, so that a·b
    equals b·a.

    Args:
        wide_code: the probe's, its columns repeated by `WIDE`; uint64 (300,).
        wide_mask: likewise.
        code: the reference's, uint64 (256,).
        mask: likewise.
        scratch: memory by `scratch`, overwritten.
    """
    tried, moves = scratch
    tried[:] = -np.inf
    for k in range(-COARSE_STEPS, COARSE_STEPS + 1):
        tried[COARSE_STEP * k + REACH] = _evidence_at(wide_code, wide_mask, code, mask, COARSE_STEP * k)
    highest = tried.max()
    for k in range(-COARSE_STEPS, COARSE_STEPS + 1):
        if tried[COARSE_STEP * k + REACH] == highest:
            for turn in (COARSE_STEP * k - 1, COARSE_STEP * k + 1):
                tried[turn + REACH] = _evidence_at(wide_code, wide_mask, code, mask, turn)
    highest = best = float(tried.max())
    best_turn, moved = int(tried.argmax()) - REACH, False
    if highest >= LEAST_MOVED:
        for turn in range(-REACH, REACH + 1):
            if tried[turn + REACH] == highest:
                differing, compared = moved_counts(wide_code, wide_mask, code, mask, turn, moves)
                found = evidence(differing, compared, turn, DRIFT)
                if found > best:
                    best, best_turn, moved = found, turn, True
    return best, best_turn, moved


@kernel
def _evidence_at(  # pragma: no cover  # compiled
    wide_code: Words, wide_mask: Words, code: Words, mask: Words, turn: int
) -> float:
    differing, compared = counts_at(wide_code, wide_mask, code, mask, turn)
    return evidence(differing, compared, turn, 0.0)
