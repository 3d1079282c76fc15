"""Scores two prints: local similarity and elastic alignment combined, minus what chance explains.

1. Similarities of all minutiae (similarity.py); assignment; relaxation of the 24 most similar pairs; local score
   (pairing.py).
2. A rigid alignment from each of the three strongest pairs (alignment.py); the one with the best geometric score is
   refined elastically (elastic.py). Geometric score of an alignment: (Σ w)² / √(nA nB + 1), where w falls from 1 to 0
   with a pair's misfit, and nA, nB are the numbers of each print's minutiae that lie on the other's finger area:
   unpaired minutiae there lower it. They are at least the number of pairs.
3. If both templates have signs, 0.25 · √alike is added, where alike is the geometric score with each weight multiplied
   by the similarity of the paired minutiae, if above 0. It does not rest on their supporting each other, so it remains
   where skin is stretched (docs/decisions/0073-pressed-prints.md).
4. Minutiae also fall together by chance, more often the denser they are: among nA and nB minutiae on a common area of
   C cells about nA nB / C times a constant. Score = √(local · geometric) + 0.25 √alike − 0.09 ln E, with
   E = (nA + 1)(nB + 1) / (C + 10). Example: 30 and 30 minutiae on 200 cells give E = 31 · 31 / 210 = 4.6, and 0.14 is
   subtracted.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from infra.kernels.kernel import kernel
from services.fingerprint.comparison.alignment import align_rigid, load, procrustes
from services.fingerprint.comparison.elastic import align_elastic
from services.fingerprint.comparison.overlap import count_overlap, overlapping_cells
from services.fingerprint.comparison.pairing import assign, compatibilities, local_pairs, relax, strongest_pairs
from services.fingerprint.comparison.similarity import are_signed, similar_pairs, similarity
from services.fingerprint.template.arrays import SEEDS, Motion, Print, Workspace

MIN_PAIRS, MAX_PAIRS = 3, 24
CHANCE_WEIGHT = 0.09
ALIKE_WEIGHT = 0.25
CELLS_ADDED = 10.0


class Parts(NamedTuple):
    """What a score is made of.

    Args:
        local: local score, 0–1: the summed strength of the strongest pairs, by `wanted`.
        geometric: geometric score of the kept alignment.
        alike: the same with weights multiplied by similarities; 0 without signs.
        on_b: minutiae of a on b's finger area, at least the number of pairs.
        on_a: minutiae of b on a's finger area, likewise.
        cells: common finger area.
        similar: number of similar pairs, in w.pairs and w.strength.
        wanted: how many of the strongest of them make the local score.
    """

    local: float
    geometric: float
    alike: float
    on_b: int
    on_a: int
    cells: int
    similar: int
    wanted: int


@kernel
def score(a: Print, b: Print, w: Workspace) -> float:
    """Score of print a laid over print b, by signs too if both have them; 0 if fewer than three minutiae look alike.

    Afterwards `w.aligned` is the row of w.pair and w.weight that holds the pairs, −1 for none.
    """
    parts = parts_of(a, b, w)
    return likeness(parts) + likeness_of_pairs(parts) - chance(parts) if w.aligned >= 0 else 0.0


@kernel
def parts_of(a: Print, b: Print, w: Workspace) -> Parts:
    """Steps 1 to 4 but the last sum. Afterwards `w.aligned` is as after `score`; if −1, the parts mean nothing."""
    w.aligned = -1
    similar = similar_pairs(a, b, w.keys, w.admissible)
    n = min(assign(w.keys, similar, w.pairs, w.strength, w), MAX_PAIRS)
    if n < MIN_PAIRS:
        return Parts(0.0, 0.0, 0.0, 0, 0, 0, 0, 0)
    compatibilities(w.pairs, n, a.minutiae, b.minutiae, w)
    relax(w.strength, n, w.compatibility, w.support)
    wanted = local_pairs(min(len(a.minutiae), len(b.minutiae)))
    found = strongest_pairs(w.strength, n, max(wanted, SEEDS), w.strongest)
    local = np.float32(0.0)
    for k in range(min(found, wanted)):
        local += w.strength[w.strongest[k]]
    paired, total = _align(a, b, n, min(found, SEEDS), w)
    on_b, on_a = count_overlap(kept_motion(w), a, b, w)
    cells = overlapping_cells(kept_motion(w), a, b)
    geometric = _geometric(paired, total, on_b, on_a)
    alike = _geometric(paired, _alike(a, b, w), on_b, on_a) if are_signed(a, b) else 0.0
    return Parts(float(local / wanted), geometric, alike, max(paired, on_b), max(paired, on_a), cells, n, wanted)


@kernel
def likeness(parts: Parts) -> float:
    """How alike two prints are, before chance is taken off."""
    return float(np.sqrt(parts.local * parts.geometric))


@kernel
def likeness_of_pairs(parts: Parts) -> float:
    """What is added for paired minutiae that are alike."""
    return float(ALIKE_WEIGHT * np.sqrt(parts.alike))


@kernel
def chance(parts: Parts) -> float:
    """What chance explains of it; negative for prints of few minutiae on a large common area."""
    expected = (parts.on_b + 1.0) * (parts.on_a + 1.0) / (parts.cells + CELLS_ADDED)
    return float(CHANCE_WEIGHT * np.log(expected))


@kernel
def _align(a: Print, b: Print, n: int, seeds: int, w: Workspace) -> tuple[int, float]:
    """Step 2: sets w.aligned; returns its number of pairs and sum of weights. Seeds are the first of w.strongest."""
    grid = load(a.minutiae, b.minutiae, w)
    best_score = -1.0
    for k in range(seeds):
        start = procrustes(w.supporters, _match_supporters(w.strongest[k], n, w))
        motion, paired, total = align_rigid(start, len(a.minutiae), grid, w.pair[k], w.weight[k], w)
        w.motions[k, 0], w.motions[k, 1], w.motions[k, 2], w.motions[k, 3] = motion
        if _bound(paired, total) > best_score:
            on_b, on_a = count_overlap(motion, a, b, w)
            geometric = _geometric(paired, total, on_b, on_a)
            if geometric > best_score:
                w.aligned, best_score = k, geometric
    return align_elastic(kept_motion(w), len(a.minutiae), grid, w.pair[w.aligned], w.weight[w.aligned], w)


@kernel
def _match_supporters(seed: int, n: int, w: Workspace) -> int:
    """Write a seed pair and the pairs compatible with it to w.supporters, for fitting a motion; return how many."""
    strength, compatibility, ends, supporters = w.strength, w.compatibility, w.ends, w.supporters
    count = 0
    for q in range(n):
        weight = strength[q] if q == seed else strength[q] * compatibility[seed, q]
        if weight > 0.0:
            for side in range(4):
                supporters[count, side] = ends[side, q]
            supporters[count, 4] = weight
            supporters[count, 5], supporters[count, 6] = ends[4, q], ends[5, q]
            count += 1
    return count


@kernel
def _alike(a: Print, b: Print, w: Workspace) -> float:
    """The sum of the weights of the kept alignment's pairs, each times their similarity in w.alike, at least 0."""
    pair, weight, alike, total = w.pair[w.aligned], w.weight[w.aligned], w.alike, 0.0
    for i in range(len(a.minutiae)):
        if pair[i] >= 0:
            alike[i] = max(similarity(a, b, i, pair[i]), 0.0)
            total += weight[i] * alike[i]
    return total


@kernel
def _geometric(paired: int, total: float, on_b: int, on_a: int) -> float:
    """The geometric score of an alignment; 0 with fewer than three pairs."""
    if paired < MIN_PAIRS:
        return 0.0
    return float(total**2 / np.sqrt(float(max(paired, on_b) * max(paired, on_a)) + 1.0))


@kernel
def _bound(paired: int, total: float) -> float:
    """Upper bound of the geometric score, whatever the overlap."""
    return _geometric(paired, total, 0, 0)


@kernel
def kept_motion(w: Workspace) -> Motion:
    """The rigid motion of the kept alignment."""
    k = w.aligned
    return w.motions[k, 0], w.motions[k, 1], w.motions[k, 2], w.motions[k, 3]
