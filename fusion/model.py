"""The fusion model: the calibrations, and the error rates that decisions are taken at by default."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from biometrics.calibration import Calibration
from biometrics.comparison import Comparison
from biometrics.errors import ComparatorUncalibrated, FieldInvalid
from biometrics.template import Modality
from fusion.decision import Decision, Thresholds, decide
from fusion.evidence import Evidence, EvidenceStatus

FUSION_MODEL_ID = "fusion-llr-sum-1"


@dataclass(frozen=True, slots=True)
class FusionModel:
    """Scores → evidence → decisions.

    Args:
        calibrations: by comparator id.
        comparators: the comparator of each modality's matching service.
        fmr: default false match rate of a verification.
        fpir: default false positive identification rate of an identification.
        review_band_llr: REVIEW begins so many powers of ten below the match threshold.
    """

    calibrations: Mapping[str, Calibration]
    comparators: Mapping[Modality, str]
    fmr: float
    fpir: float
    review_band_llr: float

    def comparison(self, comparator_id: str, score: float) -> Comparison:
        """What a raw score is worth. Raises as `comparisons`."""
        return self.comparisons(comparator_id, [score])[0]

    def comparisons(
        self, comparator_id: str, scores: Sequence[float], quality: float | None = None
    ) -> list[Comparison]:
        """What raw scores of a probe of this quality (0–100, None where not known) are worth, in order.

        Raises:
            ComparatorUncalibrated: no calibration for this comparator.
            FieldInvalid: a score that is not finite.
        """
        if comparator_id not in self.calibrations:
            known = ", ".join(sorted(self.calibrations))
            raise ComparatorUncalibrated(
                f"There is no calibration for comparator {comparator_id[:100]!r}, so its score says nothing. "
                f"Calibrated ones: {known}.",
                comparator_id=comparator_id[:100],
            )
        if not all(map(isfinite, scores)):
            raise FieldInvalid("score", "a finite number is needed.")
        return self.calibrations[comparator_id].comparisons(scores, quality)

    def check_modality(self, comparator_id: str, modality: Modality) -> None:
        """Refuse a score of one modality that is said to be of another.

        Raises:
            FieldInvalid: the comparator is of another modality.
        """
        for own, comparator in self.comparators.items():
            if comparator == comparator_id and own is not modality:
                raise FieldInvalid("modality", f"{comparator_id} compares {own}, not {modality}.")

    def model_id(self, comparator_id: str) -> str:
        """The template model that a comparator's calibration was fitted with."""
        return self.calibrations[comparator_id].model_id

    def verification(self, evidence: Iterable[Evidence], fmr: float) -> Decision:
        """Decide about one subject; `fmr` 0 means the default."""
        return self._decide(evidence, Thresholds.at_fmr(fmr or self.fmr, self.review_band_llr))

    def identification(self, evidence: Iterable[Evidence], fpir: float, subject_count: int) -> Decision:
        """Decide about one subject of `subject_count` searched; `fpir` 0 means the default."""
        return self._decide(evidence, Thresholds.at_fpir(fpir or self.fpir, subject_count, self.review_band_llr))

    def _decide(self, evidence: Iterable[Evidence], thresholds: Thresholds) -> Decision:
        evidence = tuple(evidence)
        return decide(evidence, thresholds, FUSION_MODEL_ID, self.unobtained_llr(evidence))

    def unobtained_llr(self, evidence: Iterable[Evidence]) -> float:
        """The most that the evidence which could not be obtained might have added, 0 or more."""
        unobtained = (EvidenceStatus.SERVICE_UNAVAILABLE, EvidenceStatus.SAMPLE_UNUSABLE)
        return sum(self._most(each.modality) for each in evidence if each.status in unobtained)

    def _most(self, modality: Modality) -> float:
        return self.calibrations[self.comparators[modality]].llr_max
