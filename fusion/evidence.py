"""What every position says about one subject, and the sum of it.

The LLRs of positions are added, as if positions were independent witnesses given the hypothesis
(naive Bayes; Ross, Nandakumar and Jain, Handbook of Multibiometrics, 2006, ch. 4). A position that
was not compared contributes nothing: it is not a zero score.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import log10

from biometrics.comparison import Comparison
from biometrics.template import MissingReason, Modality, Position


class EvidenceStatus(StrEnum):
    """What became of one position."""

    COMPARED = "COMPARED"
    PROBE_MISSING = "PROBE_MISSING"
    REFERENCE_MISSING = "REFERENCE_MISSING"
    SAMPLE_UNUSABLE = "SAMPLE_UNUSABLE"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one position contributed.

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
        failure_reason: why the probe's sample could not be used.
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
        """What is added to the sum: that of `charged`, 0 unless compared."""
        return self.comparison.llr - log10(self.comparison_count) if self.comparison else 0.0


def fused_llr(evidence: Iterable[Evidence]) -> float:
    """The sum of the LLRs of all that was compared."""
    return float(sum(each.llr for each in evidence))


def independent(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Merge what may be the same witness, in order of first appearance.

    Several comparisons at one position are one witness: the best counts, charged for the others.
    Where a compared sample's position is unknown, on either side, two positions of its modality may
    be the same finger or eye: then the modality's best comparison alone counts, charged for all.
    """
    blurred = {each.modality for each in evidence if each.comparison and Position.UNKNOWN in _positions(each)}
    groups: dict[tuple[Modality | None, Position], list[Evidence]] = {}
    for each in evidence:
        position = Position.UNKNOWN if each.comparison and each.modality in blurred else each.position
        groups.setdefault((each.modality, position), []).append(each)
    return tuple(_best(group) for group in groups.values())


def _positions(evidence: Evidence) -> tuple[Position, Position | None]:
    return evidence.position, evidence.reference_position


def _best(group: Sequence[Evidence]) -> Evidence:
    compared = [(each.comparison.llr, -place) for place, each in enumerate(group) if each.comparison]
    if not compared:
        return group[0]
    _, place = max(compared)
    return replace(group[-place], comparison_count=sum(each.comparison_count for each in group))
