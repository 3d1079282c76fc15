"""Decisions on scores of the caller's own comparators, by an uploaded fusion model."""

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
"""log10 of 2: an LR that equals its bound before it is bounded is half of the bound afterwards."""


@dataclass(frozen=True, slots=True)
class JointModel:
    """Decides by an uploaded ScoreFusion, which gives one LLR for all comparators together.

    The difference to the sum of their single LLRs is their dependence (`Decision.dependence_llr`).

    Args:
        fusion: the uploaded model.
        rules: the built-in model, for default rate, review band and quality limits.
    """

    fusion: ScoreFusion
    rules: FusionModel

    @property
    def fusion_model_id(self) -> str:
        """Id of the uploaded model."""
        return self.fusion.fusion_model_id

    def comparison(self, comparator_id: str, score: float, quality: float | None = None) -> Comparison:
        """A raw score with its LLR alone: 0 if the score is the comparator's code for a failure.

        Its FMR is the bound 10^-LLR, as the model holds no FMR of single scores.

        Raises:
            ComparatorUncalibrated: the model does not know this comparator.
            FieldInvalid: the score is not finite.
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
        """Accept any modality: only the caller knows which one its comparators are of."""

    def model_id(self, _comparator_id: str) -> str:
        """Return "": the template models of the caller's comparators are not known."""
        return ""

    def merged(self, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
        """One per comparator, in order of first appearance: its best score, charged for the number of scores."""
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

        MATCH begins at the LLR where the model's FMR for exactly these comparators, on the validation data, is the one
        asked for. If there are too few comparisons for any score to reach that LLR, REVIEW begins at half of the
        highest LR that they support: where the LR before bounding equals that bound.
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
        """Fused log10 LR of any part of the evidence, charged for the comparisons that its scores are the best of."""
        scores = self._scores(evidence)
        return float(self.fusion.llr(*self._rows(scores))[0]) - _charge(evidence) if scores else 0.0

    def reachable_llr(self, evidence: Sequence[Evidence]) -> float:
        """The highest LLR that the model supports for exactly these comparators, charged."""
        by = self._calibration(evidence)
        return (by.llr_max if by else 0.0) - _charge(evidence)

    def attainable_llr(self, evidence: Sequence[Evidence], lacking: Sequence[Evidence]) -> float:
        """`reachable_llr` if any score is in `lacking`, else `llr`."""
        return self.reachable_llr(evidence) if any(each.comparison for each in lacking) else self.llr(evidence)

    def is_poor(self, evidence: Evidence) -> bool:
        """By the built-in model's limits, where a modality is stated."""
        return self.rules.is_poor(evidence)

    def observed_fmr(self, evidence: Sequence[Evidence]) -> float | None:
        """FMR on the validation data at the LLR of these scores, charged, 0–1; None where nothing was compared."""
        scores = self._scores(evidence)
        return (
            min(1.0, float(self.fusion.fuse(*self._rows(scores)).fmr[0]) * 10.0 ** _charge(evidence))
            if scores
            else None
        )

    def _calibration(self, evidence: Sequence[Evidence]) -> PatternCalibration | None:
        """Calibration for exactly these comparators; None where none of them has a score."""
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
        """One row of scores and one of qualities, shape (1, d) each, NaN where there is none."""
        both = np.full((2, 1, len(self.fusion.comparators)), nan)
        for column, (score, quality) in scores.items():
            both[:, 0, column] = score, nan if quality is None else quality
        return both[0], both[1]


def _charge(evidence: Iterable[Evidence]) -> float:
    """log10 of the number of combinations of comparisons that the best scores were chosen from (union bound)."""
    return sum(log10(each.comparison_count) for each in evidence if each.comparison)
