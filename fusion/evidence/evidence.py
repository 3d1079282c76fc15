"""What every sample says about one subject."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import log10

from biometrics.comparison import Comparison
from biometrics.quality import QualityReason
from biometrics.template import MissingReason, Modality, Position
from fusion.evidence.likeness import NO_LIKENESSES, Likeness, Likenesses


class EvidenceStatus(StrEnum):
    """What became of one sample, or of a position without one."""

    COMPARED = "COMPARED"
    PROBE_MISSING = "PROBE_MISSING"
    REFERENCE_MISSING = "REFERENCE_MISSING"
    SAMPLE_UNUSABLE = "SAMPLE_UNUSABLE"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one sample contributed, or why a position has none.

    Args:
        modality: its modality; None of a comparator of the caller's own for which none was stated.
        position: the probe's position.
        status: what became of it.
        comparison: when compared, the best comparison, not yet charged for `comparison_count`.
        reference_position: when compared, the position of the reference that scored best.
        comparison_count: when compared, how many comparisons it is the best of.
        quality: of the probe's sample, 0–100, when known.
        model_id: of the templates compared.
        missing_reason: why the probe has no sample.
        failure_reason: why the probe's sample could not be used, or the service not reached.
        contribution: what it adds to the fused LLR, where evidence adds up: `witnesses.contributed` sets it.
        quality_reasons: what lowers the quality of the probe's sample, or makes it doubtful.
        resolution_dpi: at which resolution the probe's image was read, where that matters.
        sample: number of the probe's sample in the request, from 0; None where it has none.
        likenesses: how alike it is to the other samples of its modality, as far as that is known.
        quality_is_claimed: whether the quality is what the caller says of a template, and nobody measured it.
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
    resolution_dpi: float | None = None
    sample: int | None = None
    likenesses: Likenesses = NO_LIKENESSES
    quality_is_claimed: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.likenesses, Likenesses):
            object.__setattr__(self, "likenesses", Likenesses(self.likenesses))

    @property
    def charged(self) -> Comparison | None:
        """The best comparison as the best of `comparison_count`."""
        return self.comparison.best_of(self.comparison_count) if self.comparison else None

    @property
    def witness(self) -> str:
        """Who speaks: the modality, and where none is stated the comparator."""
        return self.modality or (self.comparison.comparator_id if self.comparison else "")

    @property
    def llr(self) -> float:
        """What it is worth alone: that of `charged`, 0 unless compared."""
        return self.comparison.llr - log10(self.comparison_count) if self.comparison else 0.0

    @property
    def is_crossed(self) -> bool:
        """Whether it was compared with another position than its own, both being known."""
        if self.comparison is None or self.reference_position is None:
            return False
        known = Position.UNKNOWN not in (self.position, self.reference_position)
        return known and self.position is not self.reference_position

    def likeness(self, other: Evidence) -> Likeness | None:
        """How alike the samples of both are, if that is known."""
        return self.likenesses.by_sample.get(other.sample)
