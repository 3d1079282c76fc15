"""The built-in fusion model: calibrations, dependences and the default error rates of decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf, isfinite, log10

from biometrics.calibration.curves import Floats
from biometrics.calibration.score_calibration import Calibration
from biometrics.comparison import Comparison
from biometrics.errors import ComparatorUncalibrated, FieldInvalid
from biometrics.template import Modality, Template
from fusion.decision.decision import Decision, Thresholds
from fusion.decision.judgement import decide
from fusion.decision.observed_fmr import observed_fmr
from fusion.evidence.dependent_sum import (
    INDEPENDENT_POSITIONS,
    Bounds,
    Dependences,
    chances,
    contributed,
    fused_llr,
    places,
)
from fusion.evidence.evidence import Evidence
from fusion.models.claimed_quality import Flags, calibrated, calibrated_llrs
from infra.calibrations.pairs import Pairs

FUSION_MODEL_ID = "fusion-llr-sum-3"


@dataclass(frozen=True, slots=True)
class FusionModel:
    """Turns scores into evidence and evidence into decisions.

    Args:
        calibrations: by comparator id.
        comparators: comparator id of each modality's matching service.
        fmr: default false match rate of a verification.
        fpir: default false positive identification rate of an identification.
        review_band_llr: width of the review band: REVIEW begins this far below the match threshold, in log10 LR.
        poor_quality: quality, 0–100, below which no decision hinges on a sample, by modality.
        enrolled_prior: default probability, above 0 and below 1, that the person searched for is enrolled.
        dependences: how much the samples of a modality repeat each other, by modality.
        pairs: comparator id of templates of two models, those of probe and reference, by modality; what is not in it is
            comparable if both are of one model, by the comparator of the modality's matching service.
    """

    calibrations: Mapping[str, Calibration]
    comparators: Mapping[Modality, str]
    fmr: float
    fpir: float
    review_band_llr: float
    poor_quality: Mapping[Modality, float] = field(default_factory=dict)
    enrolled_prior: float = 0.5
    dependences: Dependences = field(default_factory=dict)
    pairs: Mapping[Modality, Pairs] = field(default_factory=dict)
    bounds: Bounds = field(init=False, compare=False)
    """The highest LLR of each comparator, by comparator id."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "bounds", {key: each.llr_max for key, each in self.calibrations.items()})

    @property
    def fusion_model_id(self) -> str:
        """Id of the rule by which LLRs are fused."""
        return FUSION_MODEL_ID

    def comparison(
        self,
        comparator_id: str,
        score: float,
        quality: float | None = None,
    ) -> Comparison:
        """A raw score with its LLR and FMR. Raises as `comparisons` does."""
        return self.comparisons(comparator_id, [score], quality)[0]

    def comparisons(
        self, comparator_id: str, scores: Sequence[float], quality: float | None = None, *, is_claimed: bool = False
    ) -> list[Comparison]:
        """Raw scores of one probe with their LLR and FMR, in order.

        Args:
            comparator_id: the comparator that made the scores.
            scores: raw scores, finite.
            quality: quality of the probe, 0–100; None if unknown.
            is_claimed: True if the quality is claimed by the caller, not measured (`claimed_quality.py`).

        Raises:
            ComparatorUncalibrated: there is no calibration for this comparator.
            FieldInvalid: a score is not finite.
        """
        if comparator_id not in self.calibrations:
            known = ", ".join(sorted(self.calibrations))
            raise ComparatorUncalibrated(
                f"There is no calibration for comparator {comparator_id[:100]!r}, so its score cannot be used. "
                f"Calibrated ones: {known}.",
                comparator_id=comparator_id[:100],
            )
        if not all(map(isfinite, scores)):
            raise FieldInvalid("score", "a finite number is needed.")
        return calibrated(self.calibrations[comparator_id], scores, quality, is_claimed=is_claimed)

    def llrs(self, comparator_id: str, scores: Floats, quality: Floats, is_claimed: Flags) -> Floats:
        """LLRs of the scores of k probes with n subjects, as `comparisons` gives them; see `calibrated_llrs`."""
        return calibrated_llrs(self.calibrations[comparator_id], scores, quality, is_claimed)

    def check_modality(self, comparator_id: str, modality: Modality | None) -> None:
        """Check the modality that is stated for a score.

        Raises:
            FieldInvalid: none is stated, or the comparator is of another one.
        """
        if modality is None:
            raise FieldInvalid("modality", "one is needed.")
        for own, comparator in self.comparators.items():
            if comparator_id in (comparator, *self.pairs.get(own, {}).values()) and own is not modality:
                raise FieldInvalid("modality", f"{comparator_id} compares {own}, not {modality}.")

    def comparator_between(self, probe: Template, reference: Template) -> str | None:
        """The comparator of the first of a probe's templates that is comparable with a reference; None if none is."""
        pairs = self.pairs.get(probe.modality, {})
        for template in probe.by_each if probe.others else (probe,):
            if found := pairs.get((template.model_id, reference.model_id)):
                return found
            if template.model_id == reference.model_id:
                return self.comparators[probe.modality]
        return None

    def highest_bound(self, modality: Modality) -> str:
        """The comparator of the modality whose LLR can be the highest, whichever model the reference is of."""
        own = [self.comparators[modality], *self.pairs.get(modality, {}).values()]
        return max(own, key=self.bounds.__getitem__)

    def model_id(self, comparator_id: str) -> str:
        """Id of the template model that the comparator's calibration was fitted with."""
        return self.calibrations[comparator_id].model_id

    def merged(self, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
        """The evidence, in order, each with its contribution to the fused LLR."""
        return contributed(evidence, self.dependences, self.bounds)

    def sample_rhos(self, modality: Modality, likenesses: Sequence[float]) -> list[float]:
        """Correlation rho, 0 to 1, of pairs of samples by their likeness, in order; 1 where the likeness is NaN."""
        rhos: list[float] = self.dependences.get(modality, INDEPENDENT_POSITIONS).of(likenesses).tolist()
        return rhos

    def verification(self, evidence: Iterable[Evidence], fmr: float | None) -> Decision:
        """Decide about one subject; `fmr` None means the default."""
        return decide(evidence, Thresholds.at_fmr(self.fmr if fmr is None else fmr, self.review_band_llr), self)

    def identification(self, evidence: Iterable[Evidence], fpir: float | None, subject_count: int) -> Decision:
        """Decide about one subject of `subject_count` searched; `fpir` None means the default."""
        return decide(evidence, self.among(subject_count, fpir), self)

    def among(self, subject_count: int, fpir: float | None) -> Thresholds:
        """Thresholds of an identification; `fpir` None means the default."""
        return Thresholds.at_fpir(self.fpir if fpir is None else fpir, subject_count, self.review_band_llr)

    def llr(self, evidence: Sequence[Evidence]) -> float:
        """Fused log10 LR of any part of the evidence."""
        return fused_llr(evidence, self.dependences, self.bounds)

    def reachable_llr(self, evidence: Sequence[Evidence]) -> float:
        """The highest fused LLR that these comparisons could have at any scores."""
        most = [
            self.bounds[each.comparison.comparator_id] - log10(each.comparison_count) if each.comparison else 0.0
            for each in evidence
        ]
        return fused_llr(evidence, self.dependences, self.bounds, most)

    def attainable_llr(self, evidence: Sequence[Evidence], lacking: Sequence[Evidence]) -> float:
        """The highest fused LLR that would be possible if the evidence in `lacking` had its best score."""
        return self.llr([self._perfect(each) if each in lacking else each for each in evidence])

    def is_poor(self, evidence: Evidence) -> bool:
        """Whether the sample's quality is known and below the one that a decision may hinge on."""
        limit = self.poor_quality.get(evidence.modality, 0.0) if evidence.modality else 0.0
        return evidence.quality is not None and evidence.quality < limit

    def observed_fmr(self, evidence: Sequence[Evidence]) -> float | None:
        """Observed FMR at the fused LLR, 0–1; None where nothing was compared.

        For one position it is the FMR of its best comparison, charged; for several it is that of the sum of their LLRs,
        taken as independent.
        """
        groups = [[evidence[place] for place in group] for each in places(evidence).values() for group in each]
        best = [max(group, key=lambda each: each.llr) for group in groups]
        counts = [chances(group) for group in groups]
        comparisons = [each.comparison for each in best if each.comparison]
        if len(comparisons) < 2:
            return comparisons[0].best_of(counts[0]).fmr if comparisons else None
        calibrations = [self.calibrations[each.comparator_id] for each in comparisons]
        return observed_fmr(list(zip(calibrations, counts, strict=True)), self.llr(evidence))

    def _perfect(self, evidence: Evidence) -> Evidence:
        """The evidence with the highest possible LLR; unchanged where no modality is stated."""
        if evidence.comparison:
            best = replace(evidence.comparison, llr=self.bounds[evidence.comparison.comparator_id])
            return replace(evidence, comparison=best)
        if not evidence.modality:
            return evidence
        comparator_id = self.highest_bound(evidence.modality)
        comparison = Comparison(inf, self.bounds[comparator_id], 0.0, comparator_id)
        return replace(evidence, comparison=comparison, comparison_count=1)
