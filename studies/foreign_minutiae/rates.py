"""Error rates of comparisons between two lists of templates, with intervals from a bootstrap over fingers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.packed_templates import PackedTemplates
from evaluation.metrics.verification import carries, crossing
from services.fingerprint.comparator import FingerprintComparator

REPLICATES = 1000
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Compared:
    """Scores of pairs, k of them.

    Args:
        scores: shape (k,).
        mated: shape (k,).
        first: shape (k,): the finger of the probe, numbered over all sets.
        second: shape (k,): of the reference.
    """

    scores: Floats
    mated: NDArray[np.bool_]
    first: NDArray[np.int64]
    second: NDArray[np.int64]

    def order(self) -> Compared:
        """By falling score."""
        order = np.argsort(-self.scores, kind="stable")
        return Compared(*(getattr(self, name)[order] for name in ("scores", "mated", "first", "second")))


def compared(
    comparator: FingerprintComparator, probes: Sequence[bytes], references: Sequence[bytes], fingers: NDArray[np.int64]
) -> Compared:
    """Compare templates of the same images in the same order: every pair of two images, once if the lists are equal.

    An image is never compared with itself, not even in another form.
    """
    one, other = (comparator.stack_packed(PackedTemplates.of(each)) for each in (probes, references))
    table = comparator.compare(one, other)
    is_same = list(probes) == list(references)
    first, second = np.triu_indices(len(probes), 1) if is_same else np.nonzero(~np.eye(len(probes), dtype=bool))
    scores = table[first, second].astype(np.float64)
    return Compared(scores, fingers[first] == fingers[second], fingers[first], fingers[second])


def joined(parts: Sequence[Compared]) -> Compared:
    """The pairs of several sets."""
    return Compared(*(np.concatenate([getattr(each, name) for each in parts]) for name in Compared.__slots__))


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate and its 95 % interval, 0–1; NaN where too few non-mated pairs carry it."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        if np.isnan(self.value):
            return "too few pairs"
        return f"{100 * self.value:.2f} ({100 * self.low:.2f}–{100 * self.high:.2f})"


def rates(pairs: Compared, fmrs: Sequence[float]) -> list[Rate]:
    """EER, and FNMR at each FMR, by one threshold for all pairs."""
    rising, count = pairs.order(), int(pairs.first.max()) + 1
    random = np.random.default_rng(1)
    drawn = [np.bincount(random.integers(0, count, count), minlength=count) for _ in range(REPLICATES)]
    found = np.asarray([_rates(rising, weight, fmrs) for weight in [np.ones(count, np.int64), *drawn]])
    carried = [True, *(carries(int((~pairs.mated).sum()), fmr) for fmr in fmrs)]
    low, high = np.nanpercentile(found[1:], (2.5, 97.5), axis=0)
    return [
        Rate(*(values if has else (np.nan,) * 3))
        for values, has in zip(np.stack((found[0], low, high), 1).tolist(), carried, strict=True)
    ]


def _rates(falling: Compared, weight: NDArray[np.int64], fmrs: Sequence[float]) -> list[float]:
    """The same rates when each finger counts as often as drawn; a pair counts as often as both of its fingers."""
    both = np.where(falling.mated, weight[falling.first], weight[falling.first] * weight[falling.second])
    ends = np.append(np.flatnonzero(np.diff(falling.scores)), falling.scores.size - 1)
    hits, misses = (np.append(0, np.cumsum(np.where(kind, both, 0))[ends]) for kind in (falling.mated, ~falling.mated))
    if not (hits[-1] and misses[-1]):
        return [np.nan] * (1 + len(fmrs))
    fmr, fnmr = misses / misses[-1], 1.0 - hits / hits[-1]
    at = [fnmr[np.searchsorted(fmr, each + 1e-12, side="right") - 1] for each in fmrs]
    return [crossing(fmr[::-1], fnmr[::-1]), *at]
