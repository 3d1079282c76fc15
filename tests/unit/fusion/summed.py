"""Decisions on made-up evidence by a Weigher that adds the LLRs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from biometrics.comparison import Comparison
from biometrics.template import Modality, Position
from fusion.decision.decision import Decision, Outcome, Thresholds
from fusion.decision.judgement import decide
from fusion.evidence.dependent_sum import fused_llr
from fusion.evidence.evidence import Evidence, EvidenceStatus

AT_1E4 = Thresholds.at_fmr(1e-4, 2.0)
GOOD, POOR = 80.0, 10.0
MATCH, NO_MATCH, REVIEW = Outcome.MATCH, Outcome.NO_MATCH, Outcome.REVIEW
PLACES = [(Modality.FACE, Position.FACE), (Modality.IRIS, Position.LEFT_EYE), (Modality.FINGERPRINT, Position.UNKNOWN)]


@dataclass
class Sum:
    """A Weigher that adds the LLRs; a quality under 20 is poor."""

    best_possible: float = 0.0
    reachable: float = inf
    fusion_model_id: str = "fusion-test"

    def llr(self, evidence: Sequence[Evidence]) -> float:
        """The sum."""
        return fused_llr(evidence, {}, {})

    def reachable_llr(self, evidence: Sequence[Evidence]) -> float:
        """The value set."""
        return self.reachable

    def attainable_llr(self, evidence: Sequence[Evidence], lacking: Sequence[Evidence]) -> float:
        """The sum without the lacking evidence, plus the value set."""
        return self.llr([each for each in evidence if each not in lacking]) + self.best_possible

    def is_poor(self, evidence: Evidence) -> bool:
        """Below 20."""
        return evidence.quality is not None and evidence.quality < 20

    def observed_fmr(self, evidence: Sequence[Evidence]) -> float | None:
        """A made-up value."""
        return 0.25


def compared(*llrs: float, poor: int = -1) -> list[Evidence]:
    """A face, an eye and a finger of these LLRs; the one with number `poor` is of poor quality."""
    return [
        Evidence(
            modality,
            position,
            EvidenceStatus.COMPARED,
            Comparison(llr, llr, 1.0, "c"),
            position,
            comparison_count=1,
            quality=POOR if number == poor else GOOD,
        )
        for number, ((modality, position), llr) in enumerate(zip(PLACES, llrs, strict=False))
    ]


def lacking(status: EvidenceStatus) -> Evidence:
    """Evidence without a comparison."""
    return Evidence(Modality.IRIS, Position.LEFT_EYE, status)


def answer(*evidence: Evidence, best_possible: float = 0.0, reachable: float = inf) -> Decision:
    """The decision on this evidence at FMR 1e-4."""
    return decide(evidence, AT_1E4, Sum(best_possible, reachable))
