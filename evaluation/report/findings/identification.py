"""Identification: each probe is searched among the references it was compared with. CMC, and FNIR against FPIR.

The candidates of a search are people, each with the best score of any of their references. For the FPIR (open set) the
probe's own person is left out, as if not enrolled. Ties count against the mate.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nextafter

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics.det_band import fnmr_limits
from evaluation.metrics.intervals import Interval
from evaluation.metrics.shared_subjects import Comparisons, SubjectErrors
from evaluation.metrics.verification import Floats, carries, fnmr_at, threshold_at_fmr
from evaluation.report.findings.outcome import Column, Column32, Outcome
from evaluation.report.findings.rates import Rate, rates_at

FEWEST_REFERENCES = 20
RANKS = 20
FPIRS = (0.1, 0.01, 0.001)
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Searches:
    """Rows of the probes that were compared with enough references, ordered by probe and person.

    Args:
        rows: int64, shape (k,): row of the outcome.
        starts: int64, shape (c,): where each candidate (one person in the search of one probe) begins in `rows`.
        mate: bool, shape (c,): the candidate is the probe's own person.
        probes: int64, shape (p,): where each probe begins among the candidates.
        subject: shape (p,): the probe's person.
    """

    rows: NDArray[np.int64]
    starts: NDArray[np.int64]
    mate: NDArray[np.bool_]
    probes: NDArray[np.int64]
    subject: NDArray[np.int32]

    def sizes(self) -> NDArray[np.int64]:
        """Candidates of each probe, shape (p,)."""
        return np.diff(np.append(self.probes, self.starts.size))


@dataclass(frozen=True, slots=True)
class Identification:
    """Identification errors of one column.

    Args:
        name: of the comparator, or "fused".
        cmc: shape (20,) or less: share of mated searches whose mate is at rank 1, at rank 1 or 2, …
        rank_one_missed: share of mated searches whose mate is not at rank 1.
        curve: FPIR, FNIR with candidate lists of any length, FNIR at rank 1, shape (3, k).
        missed: FNIR at each of `FPIRS` with lists of any length; None where there are too few searches for that FPIR.
    """

    name: str
    cmc: Floats
    rank_one_missed: Rate
    curve: Floats
    missed: tuple[Rate | None, ...]


def searches(outcome: Outcome) -> Searches | None:
    """The searches; None where no mated probe was compared with at least 20 references."""
    enough = np.bincount(outcome.probe)[outcome.probe] >= FEWEST_REFERENCES
    rows = np.flatnonzero(enough)
    if not outcome.mated[rows].any():
        return None
    people = 2 * (1 + np.int64(outcome.second.max()))
    keys = outcome.probe[rows] * people + 2 * outcome.second[rows].astype(np.int64) + outcome.mated[rows]
    order = np.argsort(keys, kind="stable")
    rows, keys = rows[order], keys[order]
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    probe = outcome.probe[rows[starts]]
    probes = np.flatnonzero(np.append(True, probe[1:] != probe[:-1]))
    return Searches(rows, starts, outcome.mated[rows[starts]], probes, outcome.first[rows[starts[probes]]])


def measure(found: Searches, column: Column) -> Identification:
    """Search with one column's scores."""
    own, strangers, ranks = _outcomes(found, column.scores)
    mated = np.logical_or.reduceat(found.mate, found.probes)
    non_mated = np.logical_or.reduceat(~found.mate, found.probes)
    lead = np.where(np.isneginf(own), -inf, own.astype(np.float64) - np.maximum(strangers, np.finfo(np.float32).min))
    subject = found.subject
    non_mated_searches = Comparisons(strangers[non_mated], subject[non_mated], subject[non_mated])
    mated_searches = Comparisons(own[mated], subject[mated], subject[mated])
    return Identification(
        column.name,
        _cmc(ranks[mated], min(RANKS, int(found.sizes().max()))),
        _not_first(Comparisons(lead[mated], subject[mated], subject[mated])),
        _curve(own[mated], ranks[mated], strangers[non_mated]),
        _missed(mated_searches, non_mated_searches),
    )


def _outcomes(found: Searches, scores: Column32) -> tuple[Column32, Column32, NDArray[np.int64]]:
    """Each probe's mate score, best score of another person, and rank of the mate; shape (p,), −inf where none is."""
    values = scores[found.rows]
    values[np.isnan(values)] = -inf
    best = np.maximum.reduceat(values, found.starts)
    low = np.float32(-inf)
    own = np.maximum.reduceat(np.where(found.mate, best, low), found.probes)
    strangers = np.maximum.reduceat(np.where(found.mate, low, best), found.probes)
    before = ~found.mate & (best >= np.repeat(own, found.sizes()))
    ranks = 1 + np.add.reduceat(before.astype(np.int64), found.probes)
    return own, strangers, np.where(np.isneginf(own), NEVER, ranks)


def _cmc(ranks: NDArray[np.int64], most: int) -> Floats:
    """Cumulative match characteristic: share of mates at rank 1, at most 2, … `most`; shape (most,)."""
    counts = np.bincount(np.minimum(ranks, most + 1), minlength=most + 2)
    return np.cumsum(counts[1 : most + 1]) / ranks.size


def _curve(own: Column32, ranks: NDArray[np.int64], strangers: Column32) -> Floats:
    """FPIR and FNIR, both above 0, at thresholds taken from the best scores of other people; shape (3, k)."""
    ordered = np.sort(strangers[np.isfinite(strangers)])
    places = np.unique(ordered.size - np.geomspace(1, max(ordered.size, 1), 400).astype(np.int64))
    at = ordered[places[places >= 0]] if ordered.size else ordered
    fpir = (ordered.size - np.searchsorted(ordered, at)) / max(strangers.size, 1)
    listed, first = np.sort(own[np.isfinite(own)]), np.sort(own[np.isfinite(own) & (ranks == 1)])
    fnir = [1.0 - (side.size - np.searchsorted(side, at)) / own.size for side in (listed, first)]
    return np.stack((fpir, *fnir))


def _not_first(lead: Comparisons) -> Rate:
    """Share of searches in which the mate does not score above the best other person."""
    (rate,) = rates_at(lead, [nextafter(0.0, 1.0)], matched=False)
    assert rate is not None, "there are mated searches"
    return rate


def _missed(own: Comparisons, strangers: Comparisons) -> tuple[Rate | None, ...]:
    """FNIR at each of `FPIRS`."""
    if not strangers.scores.size:
        return (None,) * len(FPIRS)
    limits = fnmr_limits(SubjectErrors.of_mated(own), SubjectErrors.of_non_mated(strangers), FPIRS)
    found: list[Rate | None] = []
    for target, low, high in zip(FPIRS, *limits, strict=True):
        carried = carries(strangers.scores.size, target)
        errors = round(fnmr_at(own.scores, threshold_at_fmr(strangers.scores, target)) * own.scores.size)
        found.append(Rate(errors, own.scores.size, Interval(float(low), float(high))) if carried else None)
    return tuple(found)
