"""Scores of comparators of the caller's own → evidence → a decision, by a fusion model that was uploaded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import isfinite, isnan, log10, nan

import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Comparison
from biometrics.errors import ComparatorUncalibrated, FieldInvalid
from biometrics.score_fusion.fusion import ScoreFusion
from biometrics.score_fusion.pattern import PatternCalibration
from biometrics.template import Modality
from fusion.decision.decision import Decision, Thresholds
from fusion.decision.judgement import decide
from fusion.evidence.evidence import Evidence
from fusion.models.model import FusionModel

Floats = NDArray[np.float64]

HALF = log10(2.0)
"""A bounded likelihood ratio is half of its bound where without the bound it would be there."""


@dataclass(frozen=True, slots=True)
class JointModel:
    """Decides by a ScoreFusion. What the comparators say is one sum; what it lacks to their sum is their dependence.

    Args:
        fusion: the uploaded model.
        rules: default rate, review band and quality limits.
    """

    fusion: ScoreFusion
    rules: FusionModel

    @property
    def fusion_model_id(self) -> str:
        """The uploaded model's."""
        return self.fusion.fusion_model_id

    def comparison(self, comparator_id: str, score: float, quality: float | None = None) -> Comparison:
        """What a raw score is worth alone: nothing, where it is the comparator's code for a failure.

        Its FMR is the bound of the LLR: the model holds no rates of single scores.

        Raises:
            ComparatorUncalibrated: the model does not know this comparator.
            FieldInvalid: a score that is not finite.
        """
        if comparator_id not in self.fusion.comparators:
            known = ", ".join(self.fusion.comparators)
            raise ComparatorUncalibrated(
                f"The fusion model does not know comparator {comparator_id[:100]!r}. It knows: {known}.",
                comparator_id=comparator_id[:100],
            )
        if not isfinite(score):
            raise FieldInvalid("score", "a finite number is needed.")
        column = self.fusion.comparators.index(comparator_id)
        alone = float(self.fusion.single_llr(*self._rows({column: (score, quality)}))[0, column])
        llr = 0.0 if isnan(alone) else alone
        return Comparison(score, llr, min(1.0, 10.0**-llr), comparator_id)

    def check_modality(self, comparator_id: str, modality: Modality | None) -> None:
        """Any modality: whose comparators these are, the caller knows."""

    def model_id(self, _comparator_id: str) -> str:
        """The template models of the caller's comparators are not known."""
        return ""

    def merged(self, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
        """One per comparator, in order of first appearance: the best score, charged for the others."""
        best: dict[str, Evidence] = {}
        for each in evidence:
            assert each.comparison is not None
            known = best.setdefault(each.comparison.comparator_id, replace(each, comparison_count=0))
            assert known.comparison is not None
            count = known.comparison_count + each.comparison_count
            better = each if each.comparison.score > known.comparison.score else known
            best[each.comparison.comparator_id] = replace(better, comparison_count=count)
        return tuple(best.values())

    def verification(self, evidence: Iterable[Evidence], fmr: float | None) -> Decision:
        """Decide about one subject; `fmr` None means the default.

        MATCH begins where the model's FMR for just these comparators, on validation, is the one asked for. Where the
        comparisons that carry them are too few for any score to get there, REVIEW begins where a score has half of
        what they carry: it would have all, were it not for them.
        """
        evidence = tuple(evidence)
        asked = self.rules.fmr if fmr is None else fmr
        rates = Thresholds.at_fmr(asked, self.rules.review_band_llr)
        if by := self._calibration(evidence):
            match_llr, reachable = by.threshold(asked), self.reachable_llr(evidence)
            review_llr = match_llr - self.rules.review_band_llr
            if reachable < match_llr:
                review_llr = min(review_llr, reachable - HALF)
            rates = replace(rates, match_llr=match_llr, review_llr=max(0.0, review_llr))
        return decide(evidence, rates, self)

    def llr(self, evidence: Sequence[Evidence]) -> float:
        """Fused log10 LR of any part of the evidence, charged for all comparisons that scores are the best of."""
        scores = self._scores(evidence)
        return float(self.fusion.llr(*self._rows(scores))[0]) - _charge(evidence) if scores else 0.0

    def reachable_llr(self, evidence: Sequence[Evidence]) -> float:
        """The highest LLR that the comparisons behind just these comparators carry, charged."""
        by = self._calibration(evidence)
        return (by.llr_max if by else 0.0) - _charge(evidence)

    def attainable_llr(self, evidence: Sequence[Evidence], lacking: Sequence[Evidence]) -> float:
        """What there is, or, where scores of it are in doubt, the most that scores of these comparators can reach."""
        return self.reachable_llr(evidence) if any(each.comparison for each in lacking) else self.llr(evidence)

    def is_poor(self, evidence: Evidence) -> bool:
        """As for our own comparators, where a modality is stated."""
        return self.rules.is_poor(evidence)

    def observed_fmr(self, evidence: Sequence[Evidence]) -> float | None:
        """The model's FMR at its LLR of these scores, charged; None where nothing was compared."""
        scores = self._scores(evidence)
        return (
            min(1.0, float(self.fusion.fuse(*self._rows(scores)).fmr[0]) * 10.0 ** _charge(evidence))
            if scores
            else None
        )

    def _calibration(self, evidence: Sequence[Evidence]) -> PatternCalibration | None:
        """What answers for these comparators; None where none of them has a score."""
        pattern = self.fusion.pattern(*self._rows(self._scores(evidence)))
        return self.fusion.calibration(pattern) if pattern else None

    def _scores(self, evidence: Sequence[Evidence]) -> dict[int, tuple[float, float | None]]:
        """Score and quality by column."""
        return {
            self.fusion.comparators.index(each.comparison.comparator_id): (each.comparison.score, each.quality)
            for each in evidence
            if each.comparison
        }

    def _rows(self, scores: dict[int, tuple[float, float | None]]) -> tuple[Floats, Floats]:
        """One row of scores and one of qualities by column, NaN where there is none."""
        both = np.full((2, 1, len(self.fusion.comparators)), nan)
        for column, (score, quality) in scores.items():
            both[:, 0, column] = score, nan if quality is None else quality
        return both[0], both[1]


def _charge(evidence: Iterable[Evidence]) -> float:
    """log10 of how many combinations of comparisons the best scores were chosen from (union bound)."""
    return sum(log10(each.comparison_count) for each in evidence if each.comparison)
