"""Decides about one subject: MATCH, REVIEW or NO_MATCH by the fused LLR, and doubts that turn it into REVIEW.

A doubt turns the answer into REVIEW only where the answer hinges on it: where it would be another one without
the doubtful evidence. So clear evidence against a match stays NO_MATCH, whatever one doubtful sample says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from fusion.decision.decision import ROUNDING, Decision, DecisionReason, Outcome, Thresholds
from fusion.decision.sample_remarks import differing, disagree, remarks_on_samples
from fusion.evidence.evidence import Evidence, EvidenceStatus

CONTRADICTION_LLR = 2.0
"""A modality strongly contradicts at or below minus this LLR, if the others together reach this and a MATCH."""

AGAINST_LLR = -1.0
"""Below this fused LLR the evidence is against a match, so what could not be obtained raises no doubt."""

REASONS = {
    Outcome.MATCH: DecisionReason.STRONG_EVIDENCE,
    Outcome.REVIEW: DecisionReason.REVIEW_BAND,
    Outcome.NO_MATCH: DecisionReason.WEAK_EVIDENCE,
}
"""The reason for an outcome by the fused LLR alone."""

OBSTACLES = {
    EvidenceStatus.SERVICE_UNAVAILABLE: DecisionReason.SERVICE_UNAVAILABLE,
    EvidenceStatus.SAMPLE_UNUSABLE: DecisionReason.SAMPLE_UNUSABLE,
}
"""Statuses of evidence that could not be obtained, with the reason that each gives."""


class Weigher(Protocol):
    """What a decision needs of a fusion model."""

    @property
    def fusion_model_id(self) -> str:
        """Id of the model."""

    def llr(self, evidence: Sequence[Evidence]) -> float:
        """Fused log10 LR of any part of the evidence; 0 where none of it was compared."""

    def reachable_llr(self, evidence: Sequence[Evidence]) -> float:
        """The highest fused LLR that these comparisons could have at any scores, by the bounds of the calibrations."""

    def attainable_llr(self, evidence: Sequence[Evidence], lacking: Sequence[Evidence]) -> float:
        """The highest fused LLR that would be possible if the evidence in `lacking` had its best score."""

    def is_poor(self, evidence: Evidence) -> bool:
        """Whether the sample's quality is below the one that a decision may hinge on."""

    def observed_fmr(self, evidence: Sequence[Evidence]) -> float | None:
        """Share of non-mated pairs that reach this LLR, by the rates observed on data, 0–1; None where unknown."""


def decide(evidence: Iterable[Evidence], thresholds: Thresholds, weigher: Weigher) -> Decision:
    """Decide about one subject.

    1. Find the band of the fused LLR: MATCH, REVIEW or NO_MATCH.
    2. Find the doubts that the answer hinges on: any of them makes it REVIEW.
    3. Add the remarks that change nothing.

    Args:
        evidence: of every sample, and of every position stated as missing.
        thresholds: where the outcomes begin.
        weigher: the fusion model.
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
    on_samples = remarks_on_samples(evidence)
    if EvidenceStatus.COMPARED not in statuses:
        return Outcome.REVIEW, (DecisionReason.NOTHING_COMPARED, *obstacles, *on_samples)
    by_llr, reachable = thresholds.outcome(llr), weigher.reachable_llr(evidence)
    not_carried = [DecisionReason.NOT_CARRIED] if reachable < thresholds.match_llr - ROUNDING else []
    doubts = [
        *(obstacles if by_llr is Outcome.NO_MATCH and _might_reach_review(evidence, thresholds, weigher) else ()),
        *_doubts(evidence, by_llr, thresholds, weigher),
        *(not_carried if llr >= min(thresholds.review_llr, reachable) - ROUNDING else ()),
    ]
    remarks = [reason for reason in (*obstacles, *not_carried, *on_samples) if reason not in doubts]
    return Outcome.REVIEW if doubts else by_llr, (*doubts, REASONS[by_llr], *remarks)


def _doubts(
    evidence: Sequence[Evidence], by_llr: Outcome, thresholds: Thresholds, weigher: Weigher
) -> Iterator[DecisionReason]:
    if any(each.is_crossed for each in evidence) and by_llr is not Outcome.NO_MATCH:
        yield DecisionReason.POSITIONS_SWAPPED
    if _hinges_on_quality(evidence, by_llr, thresholds, weigher):
        yield DecisionReason.POOR_QUALITY
    if _modalities_contradict(evidence, thresholds, weigher):
        yield DecisionReason.CONTRADICTION
    if by_llr is Outcome.MATCH and any(_samples_contradict(*pair, weigher) for pair in differing(evidence)):
        yield DecisionReason.SAMPLES_DIFFER


def _might_reach_review(evidence: Sequence[Evidence], thresholds: Thresholds, weigher: Weigher) -> bool:
    """Whether evidence that could not be obtained might have brought the LLR into the review band.

    False where the compared samples are against a match: else adding an unusable file would prevent any NO_MATCH.
    """
    lacking = [each for each in evidence if each.status in OBSTACLES]
    if not lacking or weigher.llr(evidence) < AGAINST_LLR:
        return False
    return weigher.attainable_llr(evidence, lacking) >= thresholds.review_llr


def _samples_contradict(one: Evidence, other: Evidence, weigher: Weigher) -> bool:
    """Whether two samples, neither of them surely poor, disagree: one supports a match, the other opposes it."""
    return not (is_surely_poor(one, weigher) or is_surely_poor(other, weigher)) and disagree(one, other)


def is_surely_poor(evidence: Evidence, weigher: Weigher) -> bool:
    """Whether the sample is poor by a measured quality. One that the caller claims does not remove a doubt."""
    return weigher.is_poor(evidence) and not evidence.quality_is_claimed


def _modalities_contradict(evidence: Sequence[Evidence], thresholds: Thresholds, weigher: Weigher) -> bool:
    """Whether some modalities are strongly against a match that the other modalities make without them."""
    by_kind: dict[str, list[Evidence]] = {}
    for each in evidence:
        by_kind.setdefault(each.kind, []).append(each)
    against = {kind for kind, own in by_kind.items() if weigher.llr(own) <= -CONTRADICTION_LLR}
    others = [each for each in evidence if each.kind not in against]
    return bool(against) and weigher.llr(others) >= max(thresholds.match_llr, CONTRADICTION_LLR)


def _hinges_on_quality(evidence: Sequence[Evidence], by_llr: Outcome, thresholds: Thresholds, weigher: Weigher) -> bool:
    """Whether the outcome would, or might, be another one without the poor samples.

    - Removing those that support a match, or those that oppose it, gives another outcome. These two are the extremes:
      the LLR without any other subset of the poor samples lies between them.
    - NO_MATCH rests on poor samples alone, or the others support a match and good captures in place of the poor ones
      might have reached the review band.

    A quality that is only claimed can turn MATCH into REVIEW, but not NO_MATCH.
    """
    poor = [each for each in evidence if each.comparison and weigher.is_poor(each)]
    if by_llr is Outcome.NO_MATCH:
        poor = [each for each in poor if not each.quality_is_claimed]
    if not poor:
        return False
    clear = [each for each in evidence if each not in poor]
    if by_llr is Outcome.NO_MATCH and weigher.llr(clear) >= 0.0:
        nothing_else = not any(each.comparison for each in clear)
        if nothing_else or weigher.attainable_llr(evidence, poor) >= thresholds.review_llr:
            return True
    sides = ([each for each in poor if each.llr > 0.0], [each for each in poor if each.llr < 0.0])
    without = ([each for each in evidence if each not in side] for side in sides if side)
    return any(thresholds.outcome(weigher.llr(others)) is not by_llr for others in without)
