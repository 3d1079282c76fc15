"""The one answer about all subjects that were compared."""

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
    """A subject that may be the one.

    Args:
        subject_id: who.
        decision: about this subject alone.
        posterior: probability, 0–1, that it is this subject.
    """

    subject_id: str
    decision: Decision
    posterior: float


@dataclass(frozen=True, slots=True)
class Identification:
    """The answer.

    Args:
        decision: about the best candidate, or that there is none.
        subject_id: the best candidate of a MATCH or REVIEW, else "".
        candidates: those whose outcome is MATCH or REVIEW, best first.
        subject_count: subjects in the gallery.
        none_posterior: probability, 0–1, that it is nobody of the gallery.
        runner_up_gap_llr: the highest fused LLR less the next one, 0 or more; None where fewer than two were compared.
        unseen_llr: no subject that was not compared has a higher fused LLR; None where all that can be were.
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
        """How many facts it states of samples."""
        decisions = self.decision, *(each.decision for each in self.candidates)
        return sum(1 + len(each.likenesses) for decision in decisions for each in decision.evidence)


def answer(ranking: Ranking, limit: int) -> Identification:
    """The one answer, with at most `limit` candidates. CPU-bound: off the event loop.

    Raises:
        FieldInvalid: a prior out of range.
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
    """The decision about the best candidate, for a person where another subject may as well be the one."""
    decision, gap = candidates[0].decision, ranking.runner_up_gap_llr
    doubts = {
        DecisionReason.SEVERAL_CANDIDATES: any(each >= decision.thresholds.match_llr for each in ranking.best_llrs[1:]),
        DecisionReason.RUNNER_UP_CLOSE: gap is not None and gap < RUNNER_UP_GAP_LLR,
        DecisionReason.SEARCH_INCOMPLETE: ranking.is_open,
    }
    reasons = tuple(reason for reason, holds in doubts.items() if holds)
    outcome = Outcome.REVIEW if reasons else decision.outcome
    return replace(decision, outcome=outcome, reasons=(*reasons, *decision.reasons))


def _about_nobody(ranking: Ranking) -> Decision:
    """No candidate is an answer, not ignorance, unless what could not be compared might have been one."""
    decision = ranking.decision(int(ranking.order[0])) if ranking.order.size else ranking.nobody
    reasons = [reason for reason in decision.reasons if reason is not DecisionReason.NOTHING_COMPARED]
    if ranking.is_open:
        reasons.insert(0, DecisionReason.SEARCH_INCOMPLETE)
    if ranking.has_untold and DecisionReason.POOR_QUALITY not in reasons:
        reasons.insert(0, DecisionReason.POOR_QUALITY)
    is_unsure = ranking.is_open or ranking.has_untold or _is_hidden(ranking)
    outcome = Outcome.REVIEW if is_unsure else Outcome.NO_MATCH
    return replace(decision, outcome=outcome, reasons=(DecisionReason.NO_CANDIDATE, *reasons))


def _is_hidden(ranking: Ranking) -> bool:
    """Whether a subject that was not compared might be a candidate by what could not be obtained."""
    evidence = ranking.nobody.evidence
    unobtained = ranking.model.attainable_llr(evidence, [each for each in evidence if each.status in OBSTACLES])
    reach = max(0.0, ranking.unseen_llr) + unobtained
    return ranking.unseen_count > 0 and unobtained > 0.0 and reach >= ranking.outlook.thresholds.review_llr
