"""Made-up groups of people whose error rates are known exactly."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist

import numpy as np

from evaluation.metrics.shared_subjects import Comparisons
from evaluation.report.findings.differential import Differential, by_group

NORMAL = NormalDist()
POINT = [(None, 0.0)]


def of_mated(seed: int, people: Sequence[int], rates: Sequence[float], each: int = 4) -> Differential:
    """FNMR by group at threshold 0: `each` comparisons of a person, half of whose variance is the person's."""
    random = np.random.default_rng(seed)
    group = np.repeat(np.arange(len(people)), people)
    person = np.repeat(np.arange(group.size), each)
    mean = np.array([-NORMAL.inv_cdf(rate) for rate in rates])[group]
    own = mean + sqrt(0.5) * random.standard_normal(group.size)
    scores = own[person] + sqrt(0.5) * random.standard_normal(person.size)
    return _rates("FNMR", Comparisons(scores, person, person), group[person], len(people))


def of_cameras(seed: int, people: int, rate: float, each: int = 4) -> Differential:
    """FNMR by two cameras at threshold 0, everybody before both: as `of_mated`, what is the person's in both alike."""
    random = np.random.default_rng(seed)
    person, camera = np.repeat(np.arange(people), 2 * each), np.tile(np.repeat((0, 1), each), people)
    own = sqrt(0.5) * random.standard_normal(people) - NORMAL.inv_cdf(rate)
    scores = own[person] + sqrt(0.5) * random.standard_normal(person.size)
    return _rates("FNMR", Comparisons(scores, person, person), camera, 2)


def of_non_mated(seed: int, people: Sequence[int], rates: Sequence[float]) -> Differential:
    """FMR by group at threshold 0: every two people of a group once, each with a fifth of a score's variance."""
    random = np.random.default_rng(seed)
    group = np.repeat(np.arange(len(people)), people)
    one, other = np.triu_indices(group.size, 1)
    same = group[one] == group[other]
    one, other = one[same], other[same]
    own = sqrt(0.2) * random.standard_normal(group.size)
    mean = np.array([NORMAL.inv_cdf(rate) for rate in rates])[group[one]]
    scores = mean + own[one] + own[other] + sqrt(0.6) * random.standard_normal(one.size)
    return _rates("FMR", Comparisons(scores, one, other), group[one], len(people))


def _rates(error: str, side: Comparisons, group: np.ndarray, groups: int) -> Differential:
    (found,) = by_group(error, side, group, [f"group {number}" for number in range(groups)], POINT)
    return found
