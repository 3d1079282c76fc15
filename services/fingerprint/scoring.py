"""The score of two prints: local similarity and elastic alignment together.

1. Descriptor similarities of all minutiae; assignment; relaxation; local score (pairing.py).
2. A rigid alignment from each of the eight strongest pairs (alignment.py).
3. An elastic alignment from the best two of them (elastic.py). Geometric score of an alignment:
   (Σ w)² / √(nA nB + 1), where w falls from 1 to 0 with a pair's misfit, and nA, nB count the minutiae
   of each print that lie on the other's finger area: unpaired ones there count against.
4. Score = √(local · geometric); the best alignment's geometric score counts.

nA and nB (overlap.py) are at least the number of pairs. They are not counted for an alignment that
would not be kept even if they were so few; that changes no score.
"""

from __future__ import annotations

import numpy as np

from infra.kernel import kernel
from services.fingerprint.alignment import align_rigid, load, procrustes
from services.fingerprint.arrays import SEEDS, Print, Workspace
from services.fingerprint.descriptor import similar_pairs
from services.fingerprint.elastic import align_elastic
from services.fingerprint.grid import Extent
from services.fingerprint.overlap import count_overlap
from services.fingerprint.pairing import assign, compatibilities, local_pairs, relax, strongest_pairs

MIN_PAIRS = 3


@kernel
def score(a: Print, b: Print, w: Workspace) -> float:
    """Score of print a laid over print b, 0 or more; 0 where fewer than three minutiae pair up."""
    similar = similar_pairs(a, b, w.keys, w.admissible)
    n = assign(w.keys, similar, w.pairs, w.strength, w)
    if n < MIN_PAIRS:
        return 0.0
    compatibilities(w.pairs, n, a.minutiae, b.minutiae, w)
    relax(w.strength, n, w.compatibility, w.support)
    wanted = local_pairs(min(len(a.minutiae), len(b.minutiae)))
    found = strongest_pairs(w.strength, n, max(wanted, SEEDS), w.strongest)
    local = np.float32(0.0)
    for k in range(min(found, wanted)):
        local += w.strength[w.strongest[k]]
    return float(np.sqrt(local / wanted * _geometric(a, b, n, min(found, SEEDS), w)))


@kernel
def _geometric(a: Print, b: Print, n: int, seeds: int, w: Workspace) -> float:
    """Steps 2 and 3: the best geometric score; the seeds are the first of w.strongest."""
    grid = load(a.minutiae, b.minutiae, w)
    best = second = seeds - 1
    best_score, second_score = -1.0, -1.0
    for k in range(seeds):
        count = _match_supporters(w.strongest[k], n, w)
        start = procrustes(w.supporters, count)
        motion, paired, total = align_rigid(start, len(a.minutiae), grid, w.pair[k], w.weight[k], w)
        w.motions[k, 0], w.motions[k, 1], w.motions[k, 2], w.motions[k, 3] = motion
        found = _score_above(second_score, k, paired, total, a, b, w)
        if found > best_score:
            second, second_score = best, best_score
            best, best_score = k, found
        elif found > second_score:
            second, second_score = k, found
    geometric = 0.0
    for k in (best, second):
        geometric = max(geometric, _elastic(k, geometric, a, b, grid, w))
    return geometric


@kernel
def _elastic(k: int, least: float, a: Print, b: Print, grid: Extent, w: Workspace) -> float:
    """The geometric score of the elastic alignment from seed k's rigid one; not exact where not over `least`."""
    motion = (w.motions[k, 0], w.motions[k, 1], w.motions[k, 2], w.motions[k, 3])
    paired, total = align_elastic(motion, len(a.minutiae), grid, w.pair[k], w.weight[k], w)
    return _score_above(least, k, paired, total, a, b, w)


@kernel
def _match_supporters(seed: int, n: int, w: Workspace) -> int:
    """Write the pairs compatible with a seed pair, and itself, as what a motion is fitted to; return how many."""
    strength, compatibility, ends, supporters = w.strength, w.compatibility, w.ends, w.supporters
    count = 0
    for q in range(n):
        weight = strength[q] if q == seed else strength[q] * compatibility[seed, q]
        if weight > 0.0:
            for side in range(4):
                supporters[count, side] = ends[side, q]
            supporters[count, 4] = weight
            count += 1
    return count


@kernel
def _score_above(least: float, k: int, paired: int, total: float, a: Print, b: Print, w: Workspace) -> float:
    """Step 3's score of an alignment from seed k; where it cannot be over `least`, 0 or what it is at most."""
    if paired < MIN_PAIRS:
        return 0.0
    most = total**2 / np.sqrt(paired * paired + 1.0)
    if most <= least:
        return float(most)
    motion = (w.motions[k, 0], w.motions[k, 1], w.motions[k, 2], w.motions[k, 3])
    on_b, on_a = count_overlap(motion, a, b, w)
    return float(total**2 / np.sqrt(max(paired, on_b) * max(paired, on_a) + 1.0))
