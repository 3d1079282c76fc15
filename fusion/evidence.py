"""What every sample says about one subject, and the sum of it.

The LLRs of modalities are added, as independent witnesses given the hypothesis (naive Bayes; Ross, Nandakumar and
Jain, Handbook of Multibiometrics, 2006, ch. 4). Within a modality witnesses repeat each other, so each contributes
what it adds to the others (`biometrics/dependence.py`): first the samples of each position, then the positions. What
was not compared contributes nothing: it is not a zero score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import log10

from biometrics.comparison import Comparison
from biometrics.dependence import Dependence, of_positions, of_samples
from biometrics.template import MissingReason, Modality, Position


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
        failure_reason: why the probe's sample could not be used.
        contribution: what it adds to the fused LLR, where evidence adds up: `contributed` sets it.
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


Dependences = Mapping[Modality, Dependence]
INDEPENDENT_POSITIONS = Dependence()
"""Of a modality of which nothing is known: positions add up, and of samples of one position the best counts."""


def fused_llr(evidence: Sequence[Evidence], dependences: Dependences) -> float:
    """The sum of what all that was compared contributes."""
    return float(sum(each.contribution or 0.0 for each in contributed(evidence, dependences)))


def contributed(evidence: Sequence[Evidence], dependences: Dependences) -> tuple[Evidence, ...]:
    """The evidence, in order, with what each adds to the fused LLR; exactly 0 where nothing was compared."""
    added = [0.0] * len(evidence)
    for modality, by_position in places(evidence).items():
        rho = dependences.get(modality, INDEPENDENT_POSITIONS) if modality else INDEPENDENT_POSITIONS
        within = [of_samples([evidence[place].llr for place in group], rho.samples) for group in by_position]
        totals = [float(each.sum()) for each in within]
        kept = of_positions(totals, rho.positions).tolist()
        for group, each, total, left in zip(by_position, within, totals, kept, strict=True):
            for place, llr in zip(group, each.tolist(), strict=True):
                added[place] = llr * (left / total) if total else 0.0
    return tuple(replace(each, contribution=llr) for each, llr in zip(evidence, added, strict=True))


def places(evidence: Sequence[Evidence]) -> dict[Modality | None, list[list[int]]]:
    """Where in the evidence something was compared, by modality and there by position, in order of first appearance.

    Where a compared sample's position is unknown, on either side, two positions of its modality may
    be the same finger or eye: then all its samples count as of one position.
    """
    blurred = {each.modality for each in evidence if each.comparison and Position.UNKNOWN in _positions(each)}
    found: dict[Modality | None, dict[Position, list[int]]] = {}
    for place, each in enumerate(evidence):
        if each.comparison:
            position = Position.UNKNOWN if each.modality in blurred else each.position
            found.setdefault(each.modality, {}).setdefault(position, []).append(place)
    return {modality: list(by_position.values()) for modality, by_position in found.items()}


def _positions(evidence: Evidence) -> tuple[Position, Position | None]:
    return evidence.position, evidence.reference_position
