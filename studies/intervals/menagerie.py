"""Simulated scores of people who differ, with error rates that are known exactly (Doddington et al. 1998).

A mated score is normally distributed around `mates`, a non-mated one around 0, each with standard deviation 1. The
variance is split into shares of the person (in non-mated scores, of each of the two) and of each of the two images.
Goats are people whose mated scores are lower; wolves (here also lambs) are people whose non-mated scores are higher.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics.shared_subjects import Comparisons

FEWEST_IMAGES, MOST_IMAGES = 2, 8
NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Population:
    """Parameters of a simulated population.

    Args:
        mated: share of a mated score's variance due to the person, 0–1.
        non_mated: share of a non-mated score's variance due to each of the two people, 0–0.5.
        image: share of either score's variance due to each of the two images.
        goats: share of people who are goats; goat_shift: how much lower their mated scores are.
        wolves: share of people who are wolves; wolf_shift: how much higher their non-mated scores are.
    """

    mated: float
    non_mated: float
    image: float
    goats: float = 0.0
    goat_shift: float = 0.0
    wolves: float = 0.0
    wolf_shift: float = 0.0

    def fnmr(self, threshold: float, mates: float) -> float:
        """The true FNMR, 0–1."""
        sheep, goats = NORMAL.cdf(threshold - mates), NORMAL.cdf(threshold - mates + self.goat_shift)
        return (1.0 - self.goats) * sheep + self.goats * goats

    def fmr(self, threshold: float) -> float:
        """The true FMR, 0–1."""
        none, one, two = (NORMAL.cdf(number * self.wolf_shift - threshold) for number in (0, 1, 2))
        share = self.wolves
        return (1.0 - share) ** 2 * none + 2.0 * share * (1.0 - share) * one + share**2 * two

    def threshold_at(self, fmr: float) -> float:
        """The threshold at which the true FMR is `fmr`."""
        return solved(lambda threshold: fmr - self.fmr(threshold))

    def mates_at(self, eer: float) -> float:
        """The mean of mated scores at which the true EER is `eer`."""
        threshold = self.threshold_at(eer)
        return solved(lambda mates: eer - self.fnmr(threshold, mates))

    def draw(self, subjects: int, mates: float, random: np.random.Generator) -> tuple[Comparisons, Comparisons]:
        """Draw people with 2 to 8 images each; returns all their mated and all their non-mated comparisons."""
        subject = np.repeat(np.arange(subjects), random.integers(FEWEST_IMAGES, MOST_IMAGES + 1, subjects))
        probe, reference = np.triu_indices(subject.size, 1)
        first, second = subject[probe], subject[reference]
        same = first == second
        goodness = _spread(self.mated, subjects, random) - self.goat_shift * (random.random(subjects) < self.goats)
        likeness = _spread(self.non_mated, subjects, random) + self.wolf_shift * (random.random(subjects) < self.wolves)
        images = _spread(self.image, subject.size, random)
        rest = np.where(same, self.mated, 2.0 * self.non_mated) + 2.0 * self.image
        scores = images[probe] + images[reference] + np.sqrt(1.0 - rest) * random.standard_normal(same.size)
        scores += np.where(same, mates + goodness[first], likeness[first] + likeness[second])
        mated, other = (Comparisons(scores[kind], first[kind], second[kind]) for kind in (same, ~same))
        return mated, other


POPULATIONS = {
    "alike": Population(0.0, 0.0, 0.0),
    "persons": Population(0.5, 0.1, 0.1),
    "menagerie": Population(0.3, 0.1, 0.1, goats=0.1, goat_shift=2.0, wolves=0.1, wolf_shift=1.0),
    "wild": Population(0.5, 0.15, 0.1, goats=0.05, goat_shift=4.0, wolves=0.05, wolf_shift=1.5),
}


def _spread(share: float, count: int, random: np.random.Generator) -> NDArray[np.float64]:
    return sqrt(share) * random.standard_normal(count)


def solved(rising: Callable[[float], float]) -> float:
    """The root of a rising function between −40 and 40."""
    low, high = -40.0, 40.0
    while high - low > 1e-10:
        middle = (low + high) / 2.0
        low, high = (low, middle) if rising(middle) > 0.0 else (middle, high)
    return low
