"""How far samples of one position repeat each other, as a function of their likeness; tested on non-mated pairs.

`rho` of two samples is the correlation of their LLRs against references of other people. It is measured on separate
captures and on near repeats of one capture (near_repeats.py); in both it depends on their likeness
(`biometrics.calibration.dependence.likeness`) in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from biometrics.calibration.curves import Floats
from biometrics.calibration.dependence import Dependence, of_samples
from biometrics.errors import FieldInvalid

BINS = 12
LEAST_PAIRS, MOST_PAIRS = 10, 300
"""Pairs of samples in a bin, at least and at most; each is compared with every reference."""

MISSED = 0.05
"""Share of the near repeats of a capture that may be taken for separate captures."""

FEW = 0.02
"""Share of the pairs of separate captures that may be less alike than the first bin."""

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Table:
    """Templates of one modality, all compared with each other.

    Args:
        source: number of the finger, eye or face of each template, shape (n,).
        person: number of the person, shape (n,).
        sensor: number of the set, shape (n,).
        capture: number of the capture, shape (n,); near repeats share it.
        original: whether it is the unchanged capture, shape (n,).
        likeness: likeness of every two, shape (n, n).
        llrs: log10 LR of each as probe against each, shape (n, n).
    """

    source: Numbers
    person: Numbers
    sensor: Numbers
    capture: Numbers
    original: NDArray[np.bool_]
    likeness: Floats
    llrs: Floats

    def others(self, sample: int) -> Numbers:
        """Numbers of the templates of other people in the sample's set."""
        return np.flatnonzero(
            self.original & (self.sensor == self.sensor[sample]) & (self.person != self.person[sample])
        )


def fitted(table: Table, seed: int = 0) -> Dependence:
    """Fit the curve from likeness to rho; the rho of different positions is not fitted here.

    1. Sort pairs of samples of one source into 12 equally wide bins of likeness that span the separate captures; in
       each bin take the correlation of their LLRs against other people.
    2. Make the curve non-decreasing (isotonic regression), 0 to 1.
    3. Set rho to 1 from a likeness on that no two separate captures reach or, if that is lower, that 19 of 20 near
       repeats reach: what may be one capture again counts once, even where some separate captures are as alike.

    Raises:
        FieldInvalid: no source has two captures.
    """
    first, second = np.nonzero(np.triu(table.source[:, None] == table.source, 1))
    alike = table.likeness[first, second]
    own = table.original[first] & table.original[second] & (table.capture[first] != table.capture[second])
    if not own.any():
        raise FieldInvalid("images.csv", "no finger, eye or face has two images.")
    begin, end = float(np.quantile(alike[own], FEW)), float(alike[own].max())
    again = (table.capture[first] == table.capture[second]) & (table.original[first] | table.original[second])
    if again.any():
        end = max(begin + FEW, min(end, float(np.quantile(alike[again], MISSED))))
    bin_of = np.clip((BINS * (alike - begin) / max(end - begin, FEW)).astype(np.int64), 0, BINS - 1)
    random = np.random.default_rng(seed)
    found: list[tuple[float, float]] = []
    for number in range(BINS):
        some = random.permutation(np.flatnonzero((bin_of == number) & (alike < end)))[:MOST_PAIRS]
        if some.size >= LEAST_PAIRS:
            found.append((float(np.median(alike[some])), _correlation(table, first[some], second[some])))
    at, rho = np.array(found).T if found else np.empty((2, 0))
    rho = np.clip(isotonic_regression(rho).x, 0.0, 1.0)
    return Dependence((*at.tolist(), end), (*rho.tolist(), 1.0))


def _correlation(table: Table, first: Numbers, second: Numbers) -> float:
    pairs = [(table.llrs[a, others], table.llrs[b, others]) for a, b, others in _with_others(table, first, second)]
    one, other = (np.concatenate(side) for side in zip(*pairs, strict=True))
    return float(np.corrcoef(one, other)[0, 1])


def _with_others(table: Table, first: Numbers, second: Numbers) -> Iterator[tuple[int, int, Numbers]]:
    for a, b in zip(first.tolist(), second.tolist(), strict=True):
        yield a, b, table.others(a)


Choice = Callable[[Table, Numbers], Numbers]
"""Chooses among the templates of one source those that another person may send."""

CHOICES: dict[str, Choice] = {
    "near repeats of one capture": lambda table, own: own[table.capture[own] == table.capture[own[0]]],
    "captures of their own": lambda table, own: own[table.original[own]],
    "both": lambda _table, own: own,
}


TURNS = 5
"""Number of times that samples of each source are drawn."""


def non_mated_llrs(table: Table, dependence: Dependence, choice: Choice, count: int, having: int = 1) -> Floats:
    """Fused LLRs of non-mated attempts with `count` samples of one source, of sources that have at least `having`.

    Returns:
        Shape (attempts,); empty where no source has that many samples.
    """
    random, found = np.random.default_rng(1), [np.empty(0)]
    for source in np.tile(np.unique(table.source), TURNS):
        own = choice(table, np.flatnonzero(table.source == source))
        if own.size >= max(count, having):
            sent = random.permutation(own)[:count]
            llrs = table.llrs[np.ix_(sent, table.others(int(sent[0])))]
            found.append(of_samples(llrs.T, rhos(table, dependence, sent)).sum(axis=1))
    return np.concatenate(found)


def mated_llrs(table: Table, dependence: Dependence, count: int) -> Floats:
    """Fused LLRs of people who send `count` captures of a source, against their next capture; shape (attempts,)."""
    found: list[float] = []
    for source in np.unique(table.source):
        own = np.flatnonzero((table.source == source) & table.original)
        for turn in range(own.size if own.size > count else 0):
            *sent, reference = np.roll(own, -turn)[: count + 1]
            llrs = table.llrs[np.asarray(sent), reference]
            found.append(float(of_samples(llrs, rhos(table, dependence, np.asarray(sent))).sum()))
    return np.asarray(found)


def rhos(table: Table, dependence: Dependence, sent: Numbers) -> Floats:
    """The rho that fusion assumes between these samples, shape (k, k); see `fusion/samples/mutual.py`."""
    each = np.ix_(sent, sent)
    both = dependence.of(np.maximum(table.likeness[each], table.likeness[each].T))
    both[np.minimum(table.llrs[each], table.llrs[each].T) < 0.0] = 1.0
    np.fill_diagonal(both, 1.0)
    return both
