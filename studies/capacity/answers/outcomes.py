"""What an identification among N subjects answers, for many simulated people at once.

The rules are those of fusion/decision and fusion/ranking, for samples of good quality that all can be compared; a unit
test compares the outcomes with `judgement.decide`. A person is found if one search's list of 1,000 holds them: their
LLR there is not below the list's end, and screening has not dropped them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan, log10

import numpy as np
from numpy.typing import NDArray

from biometrics.calibration.curves import Floats, through_knots
from biometrics.calibration.dependence import of_positions
from biometrics.template import Modality
from fusion.configured import COMPARATORS
from fusion.decision.decision import ROUNDING, Thresholds
from fusion.decision.judgement import CONTRADICTION_LLR
from fusion.models.model import FusionModel
from fusion.models.reach import reachable
from fusion.ranking.search_facts import RUNNER_UP_GAP_LLR
from fusion.ranking.whole_search import SEARCH_LIMITS
from infra.calibrations import load_all, load_dependence
from infra.settings import Settings
from studies.capacity.answers.curves import Curves
from studies.capacity.answers.people import Parts, Samples, chosen

LIST = SEARCH_LIMITS[-1]
MATCH, REVIEW, NO_MATCH = 2, 1, 0
Flags = NDArray[np.bool_]
Codes = NDArray[np.int8]


def shipped() -> FusionModel:
    """The fusion model of the shipped calibrations, with the default settings; no sample counts as poor."""
    settings = Settings()
    return FusionModel(
        load_all(),
        COMPARATORS,
        settings.fmr,
        settings.fpir,
        settings.review_band_llr,
        dependences=load_dependence(),
    )


@dataclass(frozen=True, slots=True)
class Identifying:
    """An identification of some samples among so many subjects.

    Args:
        thresholds: where the outcomes begin.
        reach: the highest fused LLR that the samples can have.
        ends: LLR at the end of each position's list, by modality.
        unseen: upper bound of the fused LLR of a subject in no list.
    """

    thresholds: Thresholds
    reach: float
    ends: Mapping[Modality, float]
    unseen: float

    @property
    def is_carried(self) -> bool:
        """Whether a MATCH is possible."""
        return self.reach >= self.thresholds.match_llr - ROUNDING

    @property
    def review_from(self) -> float:
        """LLR from which REVIEW is the answer: the review threshold, or the reach where a MATCH is not possible."""
        return self.thresholds.review_llr if self.is_carried else min(self.thresholds.review_llr, self.reach)

    @property
    def stranger_is_reviewed(self) -> bool:
        """Whether the answer about a person whom no listed subject resembles is REVIEW, as one in no list might."""
        return self.unseen >= self.thresholds.review_llr


def identifying(
    samples: Samples, model: FusionModel, ends: Mapping[Modality, float], subjects: int, fpir: float
) -> Identifying:
    """The identification of these samples at an FPIR.

    Args:
        samples: what is presented.
        model: fusion model.
        ends: LLR at the end of each position's list, by modality (`claimed_ends`, `observed_ends`).
        subjects: subjects in the gallery, each with all positions.
        fpir: 1e-9 to 0.5.
    """
    at_end = {modality: np.full((1, count), ends[modality]) for modality, count in samples.counts.items()}
    above = {modality: np.maximum(llrs, 0.0) for modality, llrs in at_end.items()}
    unseen = float(fused(above, model).sum())
    if unseen == 0.0:
        unseen = max(ends[modality] for modality in samples.counts)
    return Identifying(model.among(subjects, fpir), reachable(model, samples.counts), ends, unseen)


def fused(parts: Parts, model: FusionModel) -> Floats:
    """Fused LLR of each modality, shape (people, modalities); their sum is that of all samples."""
    rhos = {modality: model.dependences[modality].positions for modality in parts}
    return np.stack([of_positions(llrs, rhos[modality]).sum(axis=1) for modality, llrs in parts.items()], axis=1)


def decided(by_modality: Floats, found: Flags, asked: Identifying) -> Codes:
    """The answer about each person: MATCH with their own subject, REVIEW or NO_MATCH; int8, shape (people,).

    Args:
        by_modality: fused LLR of each modality with the person's own references, shape (people, modalities).
        found: whether a search returned the person's subject, shape (people,).
        asked: the identification.
    """
    llr = np.where(found, by_modality.sum(axis=1), -np.inf)
    answer = np.where(llr >= asked.review_from - ROUNDING, REVIEW, NO_MATCH)
    answer[llr >= asked.thresholds.match_llr - ROUNDING] = MATCH if asked.is_carried else REVIEW
    incomplete = asked.unseen >= np.maximum(asked.thresholds.review_llr, llr - RUNNER_UP_GAP_LLR)
    answer[(found & contradicted(by_modality, asked.thresholds)) | incomplete] = REVIEW
    return answer.astype(np.int8)


def contradicted(by_modality: Floats, thresholds: Thresholds) -> Flags:
    """Whether some modalities are strongly against a match that the others make; of LLRs (people, modalities)."""
    against = by_modality <= -CONTRADICTION_LLR
    others = np.where(against, 0.0, by_modality).sum(axis=1)
    return np.asarray(against.any(axis=1) & (others >= max(thresholds.match_llr, CONTRADICTION_LLR)))


def found_by_a_list(parts: Parts, ends: Mapping[Modality, float], lost: Mapping[Modality, float], seed: int) -> Flags:
    """Whether one of a person's searches returns them, shape (people,).

    Args:
        parts: LLRs with the person's own references.
        ends: LLR at the end of each position's list.
        lost: share of mates that screening drops, by modality.
        seed: of the draws.
    """
    random = np.random.default_rng(seed)
    listed = [
        ((llrs >= ends[modality]) & (random.random(llrs.shape) >= lost[modality])).any(axis=1)
        for modality, llrs in parts.items()
    ]
    return np.asarray(np.any(listed, axis=0))


def claimed_ends(model: FusionModel, subjects: int) -> dict[Modality, float]:
    """LLR at the end of a list, by modality, if the share that the calibration claims reach a score really did."""
    share = min(1.0, LIST / subjects)
    ends = {}
    for modality, comparator in model.comparators.items():
        calibration = model.calibrations[comparator]
        falling = -np.asarray(calibration.fmr_log10)
        score = through_knots(falling, calibration.fmr_scores, np.array([-log10(share)]))
        ends[modality] = float(calibration.llr(score)[0])
    return ends


def observed_ends(model: FusionModel, samples: Samples, curves: Curves, subjects: int) -> dict[Modality, float]:
    """LLR at the end of a list, by modality: that which the share LIST / N of a sensor's non-mated comparisons reached.

    Of several sensors the highest is taken, of one that has too few comparisons its highest LLR; where all have too
    few, what is claimed.
    """
    claimed, share = claimed_ends(model, subjects), min(1.0, LIST / subjects)
    ends = {}
    for modality, sensors in chosen(samples, curves).items():
        seen = [each.tail_llr(share) for each in sensors]
        highest = max(each.tail[0] if isnan(llr) else llr for each, llr in zip(sensors, seen, strict=True))
        ends[modality] = claimed[modality] if all(map(isnan, seen)) else min(highest, claimed[modality])
    return ends
