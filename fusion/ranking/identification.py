"""Answers an identification: candidates, and one decision, REVIEW too if another subject may be as good as the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import inf

from fusion.decision.decision import Decision, DecisionReason, Outcome
from fusion.decision.judgement import OBSTACLES
from fusion.ranking.ranking import RUNNER_UP_GAP_LLR, Ranking


@dataclass(frozen=True, slots=True)
class Candidate:
    """A subject that the answer names.

    Args:
        subject_id: the subject.
        decision: the decision about this subject alone.
        posterior: probability, 0–1, that the person is this subject.
    """

    subject_id: str
    decision: Decision
    posterior: float


@dataclass(frozen=True, slots=True)
class Identification:
    """The answer of an identification.

    Args:
        decision: the decision about the best candidate, or that there is none.
        subject_id: the best candidate of a MATCH or REVIEW, else "".
        candidates: subjects whose own outcome is MATCH or REVIEW, best first.
        subject_count: subjects in the gallery.
        none_posterior: probability, 0–1, that the person is not enrolled in the gallery.
        runner_up_gap_llr: difference of the two highest fused LLRs, 0 or more; None if fewer than two subjects were
            compared.
        unseen_llr: upper bound of the fused LLR of subjects that were not compared, or not by all samples; None if
            there is no such subject.
    """

    decision: Decision
    subject_id: str
    candidates: tuple[Candidate, ...]
    subject_count: int
    none_posterior: float
    runner_up_gap_llr: float | None = None
    unseen_llr: float | None = None

    @property
    def size(self) -> int:
        """Number of facts about samples in the answer: a measure of the work to convert it."""
        decisions = self.decision, *(each.decision for each in self.candidates)
        return sum(1 + len(each.likenesses) for decision in decisions for each in decision.evidence)


def answer(ranking: Ranking, limit: int) -> Identification:
    """Answer with at most `limit` candidates. CPU-bound: call it off the event loop.

    Raises:
        FieldInvalid: the prior is out of range.
    """
    probabilities, none = ranking.posterior()
    candidates = tuple(
        Candidate(ranking.table.subject_ids[row], ranking.decision(row), probabilities[row])
        for row in islice(ranking.named(), limit)
    )
    return Identification(
        _about_the_best(candidates, ranking) if candidates else _about_nobody(ranking),
        candidates[0].subject_id if candidates else "",
        candidates,
        ranking.asked.subject_count,
        none,
        ranking.runner_up_gap_llr,
        ranking.unseen_llr if ranking.unseen_llr > -inf else None,
    )


def _about_the_best(candidates: Sequence[Candidate], ranking: Ranking) -> Decision:
    """The decision about the best candidate, turned into REVIEW if another subject may be as good."""
    decision, gap = candidates[0].decision, ranking.runner_up_gap_llr
    doubts = {
        DecisionReason.SEVERAL_CANDIDATES: any(each >= decision.thresholds.match_llr for each in ranking.best_llrs[1:]),
        DecisionReason.RUNNER_UP_CLOSE: gap is not None and gap < RUNNER_UP_GAP_LLR,
        DecisionReason.SEARCH_INCOMPLETE: ranking.is_incomplete,
    }
    reasons = tuple(reason for reason, holds in doubts.items() if holds)
    outcome = Outcome.REVIEW if reasons else decision.outcome
    return replace(decision, outcome=outcome, reasons=(*reasons, *decision.reasons))


def _about_nobody(ranking: Ranking) -> Decision:
    """NO_MATCH, as no subject is a candidate; REVIEW if one that could not be fully compared might have been."""
    decision = ranking.decision(int(ranking.order[0])) if ranking.order.size else ranking.nobody
    reasons = [reason for reason in decision.reasons if reason is not DecisionReason.NOTHING_COMPARED]
    if ranking.is_incomplete:
        reasons.insert(0, DecisionReason.SEARCH_INCOMPLETE)
    if ranking.has_unsupported and DecisionReason.POOR_QUALITY not in reasons:
        reasons.insert(0, DecisionReason.POOR_QUALITY)
    is_unsure = ranking.is_incomplete or ranking.has_unsupported or _is_hidden(ranking)
    outcome = Outcome.REVIEW if is_unsure else Outcome.NO_MATCH
    return replace(decision, outcome=outcome, reasons=(DecisionReason.NO_CANDIDATE, *reasons))


def _is_hidden(ranking: Ranking) -> bool:
    """Whether a subject that was not compared might be a candidate if all evidence could have been obtained."""
    evidence = ranking.nobody.evidence
    unobtained = ranking.model.attainable_llr(evidence, [each for each in evidence if each.status in OBSTACLES])
    reach = max(0.0, ranking.unseen_llr) + unobtained
    return ranking.unseen_count > 0 and unobtained > 0.0 and reach >= ranking.possible.thresholds.review_llr
