"""Evidence → decision: the bands of the fused LLR, and what makes an answer one for a person.

A doubt turns the answer into REVIEW only where the answer hinges on it: where it would be another one without
what is doubted. So a clear non-mated stays NO_MATCH, whatever one of the samples says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from fusion.decision.decision import ROUNDING, Decision, DecisionReason, Outcome, Thresholds
from fusion.decision.doubts import differing, remarks_on_samples, speak_apart
from fusion.evidence.evidence import Evidence, EvidenceStatus

CONTRADICTION_LLR = 2.0
"""A modality at or below minus this speaks strongly against; one match that all others together make, for."""

AGAINST_LLR = -1.0
"""Below, what was compared speaks against a match, whatever a sample that is lacking might have said."""

REASONS = {
    Outcome.MATCH: DecisionReason.STRONG_EVIDENCE,
    Outcome.REVIEW: DecisionReason.REVIEW_BAND,
    Outcome.NO_MATCH: DecisionReason.WEAK_EVIDENCE,
}
"""What the fused LLR alone is a reason for."""

OBSTACLES = {
    EvidenceStatus.SERVICE_UNAVAILABLE: DecisionReason.SERVICE_UNAVAILABLE,
    EvidenceStatus.SAMPLE_UNUSABLE: DecisionReason.SAMPLE_UNUSABLE,
}
"""Evidence that could not be obtained, by status."""


class Weigher(Protocol):
    """What evidence is worth together: a fusion model as the decision sees it."""

    @property
    def fusion_model_id(self) -> str:
        """Which model it is."""

    def llr(self, evidence: Sequence[Evidence]) -> float:
        """Fused log10 LR of any part of the evidence; 0 where nothing of it was compared."""

    def reachable_llr(self, evidence: Sequence[Evidence]) -> float:
        """The highest fused LLR that comparisons of these kinds can have, as their calibrations are bounded."""

    def attainable_llr(self, evidence: Sequence[Evidence], lacking: Sequence[Evidence]) -> float:
        """The highest fused LLR there might have been, had what is lacking been captured and compared well."""

    def is_poor(self, evidence: Evidence) -> bool:
        """Whether the sample's quality is below what a decision may hinge on."""

    def observed_fmr(self, evidence: Sequence[Evidence]) -> float | None:
        """Share of non-mated pairs that reach this LLR by the rates observed on data, 0–1; None where not known."""


def decide(evidence: Iterable[Evidence], thresholds: Thresholds, weigher: Weigher) -> Decision:
    """Decide about one subject.

    1. The band that the fused LLR is in.
    2. What the answer hinges on and is in doubt: then it is REVIEW.
    3. What is to be said all the same.

    Args:
        evidence: one per position, no two of the same witness.
        thresholds: where the answers begin.
        weigher: what the evidence is worth together.
    """
    evidence = tuple(evidence)
    llr = weigher.llr(evidence)
    outcome, reasons = _judge(evidence, llr, thresholds, weigher)
    observed = weigher.observed_fmr(evidence)
    return Decision(outcome, llr, thresholds, reasons, evidence, weigher.fusion_model_id, observed)


def _judge(
    evidence: Sequence[Evidence], llr: float, thresholds: Thresholds, weigher: Weigher
) -> tuple[Outcome, tuple[DecisionReason, ...]]:
    statuses = {each.status for each in evidence}
    obstacles = [reason for status, reason in OBSTACLES.items() if status in statuses]
    said = remarks_on_samples(evidence)
    if EvidenceStatus.COMPARED not in statuses:
        return Outcome.REVIEW, (DecisionReason.NOTHING_COMPARED, *obstacles, *said)
    banded, reachable = thresholds.outcome(llr), weigher.reachable_llr(evidence)
    not_carried = [DecisionReason.NOT_CARRIED] if reachable < thresholds.match_llr - ROUNDING else []
    doubts = [
        *(obstacles if banded is Outcome.NO_MATCH and _might_be(evidence, thresholds, weigher) else ()),
        *_doubts(evidence, banded, thresholds, weigher),
        *(not_carried if llr >= min(thresholds.review_llr, reachable) - ROUNDING else ()),
    ]
    remarks = [reason for reason in (*obstacles, *not_carried, *said) if reason not in doubts]
    return Outcome.REVIEW if doubts else banded, (*doubts, REASONS[banded], *remarks)


def _doubts(
    evidence: Sequence[Evidence], banded: Outcome, thresholds: Thresholds, weigher: Weigher
) -> Iterator[DecisionReason]:
    if any(each.is_crossed for each in evidence) and banded is not Outcome.NO_MATCH:
        yield DecisionReason.POSITIONS_SWAPPED
    if _hinges_on_quality(evidence, banded, thresholds, weigher):
        yield DecisionReason.POOR_QUALITY
    if _contradicted(evidence, thresholds, weigher):
        yield DecisionReason.CONTRADICTION
    if banded is Outcome.MATCH and any(_contradict(*pair, weigher) for pair in differing(evidence)):
        yield DecisionReason.SAMPLES_DIFFER


def _might_be(evidence: Sequence[Evidence], thresholds: Thresholds, weigher: Weigher) -> bool:
    """Whether what could not be obtained might have brought the LLR into the review band.

    Not where what was compared speaks against it: else whoever adds a file that cannot be used is never refused.
    """
    lacking = [each for each in evidence if each.status in OBSTACLES]
    if not lacking or weigher.llr(evidence) < AGAINST_LLR:
        return False
    return weigher.attainable_llr(evidence, lacking) >= thresholds.review_llr


def _contradict(one: Evidence, other: Evidence, weigher: Weigher) -> bool:
    """Whether of two samples, both good enough to rely on, one speaks for a match and the other one against it."""
    return not (is_surely_poor(one, weigher) or is_surely_poor(other, weigher)) and speak_apart(one, other)


def is_surely_poor(evidence: Evidence, weigher: Weigher) -> bool:
    """Whether the sample is poor, and that is not only what the caller says: no doubt is put aside for a claim."""
    return weigher.is_poor(evidence) and not evidence.quality_is_claimed


def _contradicted(evidence: Sequence[Evidence], thresholds: Thresholds, weigher: Weigher) -> bool:
    """Whether some modalities speak strongly against a match that the others make without them."""
    by_witness: dict[str, list[Evidence]] = {}
    for each in evidence:
        by_witness.setdefault(each.witness, []).append(each)
    against = {witness for witness, own in by_witness.items() if weigher.llr(own) <= -CONTRADICTION_LLR}
    others = [each for each in evidence if each.witness not in against]
    return bool(against) and weigher.llr(others) >= max(thresholds.match_llr, CONTRADICTION_LLR)


def _hinges_on_quality(evidence: Sequence[Evidence], banded: Outcome, thresholds: Thresholds, weigher: Weigher) -> bool:
    """Whether the band would, or might, be another one without what poor samples say.

    Without what they say for a match, or without what they say against it: these two are the extremes, between which
    the LLR lies without any other choice of them. And nobody is refused by poor samples alone, nor where a good capture
    in their place might have made a match of what the others say for one. A claimed quality may keep a match from being
    one, but nobody from being refused.
    """
    poor = [each for each in evidence if each.comparison and weigher.is_poor(each)]
    if banded is Outcome.NO_MATCH:
        poor = [each for each in poor if not each.quality_is_claimed]
    if not poor:
        return False
    clear = [each for each in evidence if each not in poor]
    if banded is Outcome.NO_MATCH and weigher.llr(clear) >= 0.0:
        nothing_else = not any(each.comparison for each in clear)
        if nothing_else or weigher.attainable_llr(evidence, poor) >= thresholds.review_llr:
            return True
    sides = ([each for each in poor if each.llr > 0.0], [each for each in poor if each.llr < 0.0])
    without = ([each for each in evidence if each not in side] for side in sides if side)
    return any(thresholds.outcome(weigher.llr(others)) is not banded for others in without)
