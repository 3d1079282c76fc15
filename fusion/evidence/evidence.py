"""Evidence: one sample's comparison with one subject, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import log10

from biometrics.comparison import Comparison
from biometrics.presentation_attack import PresentationAttack
from biometrics.quality import QualityReason
from biometrics.resolution import Resolution
from biometrics.sample import Origin
from biometrics.template import MissingReason, Modality, Position
from fusion.evidence.likeness import NO_LIKENESSES, Likeness, Likenesses


class EvidenceStatus(StrEnum):
    """Whether a sample was compared with the subject, or why it, or a position without one, was not."""

    COMPARED = "COMPARED"
    PROBE_MISSING = "PROBE_MISSING"
    REFERENCE_MISSING = "REFERENCE_MISSING"
    SAMPLE_UNUSABLE = "SAMPLE_UNUSABLE"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence of one sample about one subject, or why there is none.

    Args:
        modality: its modality; None for a caller's own comparator whose modality was not stated.
        position: the probe's position.
        status: whether it was compared, or why not.
        comparison: when compared, the best comparison, not yet charged for `comparison_count`.
        reference_position: when compared, the position of the reference that scored best.
        comparison_count: when compared, the number of comparisons that it is the best of.
        quality: quality of the probe, 0–100; None if unknown.
        model_id: model of the templates compared.
        missing_reason: why there is no sample of the position.
        failure_reason: why the sample could not be used, or the service not be reached.
        contribution: its part of the fused LLR; set by `dependent_sum.contributed`.
        quality_reasons: what lowers the quality of the sample or casts doubt on it.
        resolution: at which the probe's image was read, where that matters.
        sample: number of the sample in the request, from 0; None if there is no sample.
        likenesses: how alike the sample is to others of its modality in the request, where known.
        quality_is_claimed: True if the quality was stated by the caller for a template, not measured.
        origin: where the sample comes from; None if there is no sample.
        presentation_attack: whether the sample is one; of templates and scores that were sent, and of enrolled
            references, nothing is known either.
    """

    modality: Modality | None
    position: Position
    status: EvidenceStatus
    comparison: Comparison | None = None
    reference_position: Position | None = None
    comparison_count: int = 0
    quality: float | None = None
    model_id: str = ""
    missing_reason: MissingReason | None = None
    failure_reason: str = ""
    contribution: float | None = None
    quality_reasons: tuple[QualityReason, ...] = ()
    resolution: Resolution | None = None
    sample: int | None = None
    likenesses: Likenesses = NO_LIKENESSES
    quality_is_claimed: bool = False
    origin: Origin | None = None
    presentation_attack: PresentationAttack = PresentationAttack.NOT_ASSESSED

    def __post_init__(self) -> None:
        if not isinstance(self.likenesses, Likenesses):
            object.__setattr__(self, "likenesses", Likenesses(self.likenesses))

    @property
    def charged(self) -> Comparison | None:
        """The best comparison, charged for being the best of `comparison_count`; None unless compared."""
        return self.comparison.best_of(self.comparison_count) if self.comparison else None

    @property
    def kind(self) -> str:
        """The modality; if none is stated, the comparator id."""
        return self.modality or (self.comparison.comparator_id if self.comparison else "")

    @property
    def llr(self) -> float:
        """LLR of this evidence alone: that of `charged`; 0 unless compared."""
        return self.comparison.llr - log10(self.comparison_count) if self.comparison else 0.0

    @property
    def is_crossed(self) -> bool:
        """Whether its best reference is of another position than its own, both positions being known."""
        if self.comparison is None or self.reference_position is None:
            return False
        known = Position.UNKNOWN not in (self.position, self.reference_position)
        return known and self.position is not self.reference_position

    def likeness(self, other: Evidence) -> Likeness | None:
        """How alike the two samples are; None if unknown."""
        return self.likenesses.by_sample.get(other.sample)
