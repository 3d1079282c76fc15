"""Error-versus-reject curves: does quality predict which comparisons fail? (ISO/IEC 29794-1, error versus discard)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from evaluation.data.pairs_csv import Pairs
from evaluation.metrics.verification import Floats
from evaluation.protocol.template_cache import Sample

INITIAL_FNMR = 0.05
REJECTED = (0.01, 0.05, 0.1, 0.2, 0.3)


@dataclass(frozen=True, slots=True)
class RejectPoint:
    """The FNMR that remains when at most this share of the mated comparisons is rejected."""

    rejected: float
    fnmr: float


@dataclass(frozen=True, slots=True)
class RejectCurve:
    """FNMR at a fixed threshold while the mated comparisons of lowest quality are rejected.

    A comparison's quality is the lower of its two samples'. Comparisons of equal quality are rejected together;
    those that a failure to acquire prevented are left out. The threshold is the 5 % quantile of mated scores, where the
    FNMR is 5 %: at the thresholds of low FMR many sets have too few errors for a curve.

    Args:
        threshold: score threshold.
        rejected: share of the comparisons rejected, float64, shape (k,), 0 ≤ … < 1, rising.
        fnmr: share of the remaining ones below the threshold, float64, shape (k,), 0–1.
        rank_correlation: Spearman's, of quality and mated score, −1 to 1; None where either is constant.
    """

    threshold: float
    rejected: Floats = field(repr=False)
    fnmr: Floats = field(repr=False)
    rank_correlation: float | None

    def at(self, share: float) -> RejectPoint:
        """The point where at most `share` is rejected."""
        last = int(np.searchsorted(self.rejected, share, side="right")) - 1
        return RejectPoint(share, float(self.fnmr[last]))


@dataclass(frozen=True, slots=True)
class Rejection:
    """The figures of a curve that the report shows."""

    threshold: float
    initial_fnmr: float
    points: tuple[RejectPoint, ...]
    rank_correlation: float | None


def reject_curve(samples: Sequence[Sample], pairs: Pairs, scores: NDArray[np.float32]) -> RejectCurve:
    """The curve of an evaluated set.

    Args:
        samples: one per image, with their quality.
        pairs: what was compared, shape (k,), at least one mated comparison made.
        scores: shape (k,), NaN where an image has no template.
    """
    made = pairs.mated & ~np.isnan(scores)
    each = np.array([sample.quality for sample in samples])
    quality = np.minimum(each[pairs.probe[made]], each[pairs.reference[made]])
    return curve_of(quality, scores[made].astype(np.float64))


def curve_of(quality: Floats, scores: Floats) -> RejectCurve:
    """The curve of mated comparisons with these qualities and finite scores, both of shape (n,), n ≥ 1."""
    threshold = float(np.sort(scores)[int(INITIAL_FNMR * len(scores))])
    order = np.argsort(quality, kind="stable")
    ordered, failed = quality[order], (scores < threshold)[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    left = len(scores) - starts
    failures_left = failed.sum() - np.append(0, np.cumsum(failed))[starts]
    return RejectCurve(threshold, starts / len(scores), failures_left / left, _rank_correlation(quality, scores))


def summary(curve: RejectCurve) -> Rejection:
    """The curve at the shares of REJECTED."""
    return Rejection(
        curve.threshold, float(curve.fnmr[0]), tuple(curve.at(share) for share in REJECTED), curve.rank_correlation
    )


def _rank_correlation(a: Floats, b: Floats) -> float | None:
    first, second = _ranks(a), _ranks(b)
    if not (np.ptp(first) and np.ptp(second)):
        return None
    return float(np.corrcoef(first, second)[0, 1])


def _ranks(values: Floats) -> Floats:
    """Ranks; equal values share the mean of their ranks."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[inverse], np.float64)
