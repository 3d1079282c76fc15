"""Shares of MATCH, REVIEW and NO_MATCH of enrolled people, with intervals, by the size of the gallery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from biometrics.calibration.curves import Floats
from biometrics.template import Modality
from fusion.models.model import FusionModel
from studies.capacity.answers.curves import Curves
from studies.capacity.answers.outcomes import (
    MATCH,
    NO_MATCH,
    REVIEW,
    decided,
    found_by_a_list,
    fused,
    identifying,
    observed_ends,
)
from studies.capacity.answers.people import EYE, FACE, FINGER, Samples, chosen, draw, resampled

SIZES = (10**6, 10**7, 10**8, 3 * 10**8)
RHOS: Mapping[Modality, float] = {FINGER: 0.5, EYE: 0.5}
"""Correlation of two positions of a person: above what the sets show (`curves.json`), as they are of few people."""

LOST: Mapping[Modality, float] = {FACE: 0.0, FINGER: 0.0022, EYE: 0.0}
"""Share of mates that screening drops, samples as they are: docs/measurements/search.md, 5 % of fingers (own set)."""

PEOPLE = 40_000
REPLICATES = 40


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of answers about enrolled people, 0–1.

    Args:
        subjects: in the gallery.
        match: MATCH with their own subject.
        review: REVIEW.
        no_match: NO_MATCH.
        match_interval: 95 % interval of `match`.
        review_interval: 95 % interval of `review`.
    """

    subjects: int
    match: float
    review: float
    no_match: float
    match_interval: tuple[float, float]
    review_interval: tuple[float, float]


class Simulation:
    """Simulated people with some samples, the same ones for every gallery.

    The interval holds the middle 95 % of replicates, each of other people (`people.resampled`). Near 0 and 1 it also
    holds the 3/n that n people without an event leave open; n is the smallest number of people behind a modality.

    Args:
        samples: what each of them presents.
        curves: measured.
        model: fusion model.
        people: number of people; each replicate has a fortieth of it.
        replicates: number of replicates.
    """

    def __init__(
        self,
        samples: Samples,
        curves: Curves,
        model: FusionModel,
        people: int = PEOPLE,
        replicates: int = REPLICATES,
    ) -> None:
        self._samples, self._curves, self._model = samples, curves, model
        self._people, self._replicates = people, replicates
        needed = chosen(samples, curves)
        drawn = [draw(samples, curves, RHOS, people, 1)]
        drawn += [
            draw(samples, resampled(needed, 1000 + number), RHOS, people // 40, number) for number in range(replicates)
        ]
        self._parts = {modality: np.concatenate([each[modality] for each in drawn]) for modality in samples.counts}
        self._fused = fused(self._parts, model)

    def rates(self, subjects: int, fpir: float) -> Rates:
        """Shares of the answers in a gallery of so many subjects."""
        ends = observed_ends(self._model, self._samples, self._curves, subjects)
        asked = identifying(self._samples, self._model, ends, subjects, fpir)
        answers = decided(self._fused, found_by_a_list(self._parts, ends, LOST, 7), asked)
        own, others = answers[: self._people], answers[self._people :].reshape(self._replicates, self._people // 40)
        match, review, no_match = (float(np.mean(own == code)) for code in (MATCH, REVIEW, NO_MATCH))
        open_rate = min(1.0, 3.0 / fewest(self._samples, self._curves))
        intervals = [
            _interval((others == code).mean(axis=1), share, open_rate)
            for code, share in ((MATCH, match), (REVIEW, review))
        ]
        of_match = intervals[0] if asked.is_carried else (0.0, 0.0)
        return Rates(subjects, match, review, no_match, of_match, intervals[1])


def fewest(samples: Samples, curves: Curves) -> int:
    """The smallest number of people behind a modality of these samples."""
    return min(sum(each.people for each in sensors) for sensors in chosen(samples, curves).values())


def _interval(values: Floats, share: float, open_rate: float) -> tuple[float, float]:
    low, high = np.quantile(values, (0.025, 0.975)).tolist() if values.size else (share, share)
    low = min(low, share, 1.0 - open_rate if share > 1.0 - open_rate else 1.0)
    return low, max(high, share, open_rate if share < open_rate else 0.0)
