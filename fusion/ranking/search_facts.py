"""What an identification's decision depends on besides the evidence about one subject, and how it does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf

from fusion.decision.decision import Decision, DecisionReason, Outcome, Thresholds

RUNNER_UP_GAP_LLR = 1.0
"""Two subjects closer than this are not told apart: the better one is less than 10 times as likely."""


@dataclass(frozen=True, slots=True)
class SearchFacts:
    """What an identification's decision depends on besides the evidence about one subject.

    Args:
        best_llr: highest fused LLR of a compared subject; None if there is none.
        second_llr: the next one, likewise.
        unseen_llr: upper bound of the fused LLR of subjects that were not compared, or not by all samples; None if
            there is no such subject.
        has_unsearched: whether a part of the gallery was not searched by one of the samples.
        has_unsupported: whether any subject is a REVIEW only because samples are poor or could not be compared.
        is_hidden: whether a subject that was not compared might be a candidate if all evidence could have been
            obtained.
    """

    best_llr: float | None = None
    second_llr: float | None = None
    unseen_llr: float | None = None
    has_unsearched: bool = False
    has_unsupported: bool = False
    is_hidden: bool = False

    @property
    def runner_up_gap_llr(self) -> float | None:
        """Difference of the two highest fused LLRs, 0 or more; None if fewer than two subjects were compared."""
        if self.best_llr is None or self.second_llr is None:
            return None
        return max(0.0, self.best_llr - self.second_llr)

    def is_incomplete(self, thresholds: Thresholds) -> bool:
        """Whether a subject that was not compared might matter; always if part of the gallery was not searched."""
        return self.has_unsearched or is_near(self.unseen_llr, self.best_llr, thresholds)


NO_FACTS = SearchFacts()


def is_near(unseen_llr: float | None, best_llr: float | None, thresholds: Thresholds) -> bool:
    """Whether a subject that was not compared might be a candidate that is nearly as good as the best, or better.

    Example, review threshold 4 and best LLR 7: yes if the bound for those not compared is 6 or more.
    """
    best = -inf if best_llr is None else best_llr
    return unseen_llr is not None and unseen_llr >= max(thresholds.review_llr, best - RUNNER_UP_GAP_LLR)


def about_the_best(decision: Decision, facts: SearchFacts) -> Decision:
    """The decision about the best candidate, turned into REVIEW if another subject may be as good."""
    thresholds, gap, second = decision.thresholds, facts.runner_up_gap_llr, facts.second_llr
    doubts = {
        DecisionReason.SEVERAL_CANDIDATES: second is not None and second >= thresholds.match_llr,
        DecisionReason.RUNNER_UP_CLOSE: gap is not None and gap < RUNNER_UP_GAP_LLR,
        DecisionReason.SEARCH_INCOMPLETE: facts.is_incomplete(thresholds),
    }
    reasons = tuple(reason for reason, holds in doubts.items() if holds)
    outcome = Outcome.REVIEW if reasons else decision.outcome
    return replace(decision, outcome=outcome, reasons=(*reasons, *decision.reasons))


def about_nobody(decision: Decision, facts: SearchFacts) -> Decision:
    """NO_MATCH, as no subject is a candidate; REVIEW if one that could not be fully compared might have been.

    Args:
        decision: about the subject with the highest LLR, or about none.
        facts: of the search.
    """
    is_incomplete = facts.is_incomplete(decision.thresholds)
    reasons = [reason for reason in decision.reasons if reason is not DecisionReason.NOTHING_COMPARED]
    if is_incomplete:
        reasons.insert(0, DecisionReason.SEARCH_INCOMPLETE)
    if facts.has_unsupported and DecisionReason.POOR_QUALITY not in reasons:
        reasons.insert(0, DecisionReason.POOR_QUALITY)
    is_unsure = is_incomplete or facts.has_unsupported or facts.is_hidden
    outcome = Outcome.REVIEW if is_unsure else Outcome.NO_MATCH
    return replace(decision, outcome=outcome, reasons=(DecisionReason.NO_CANDIDATE, *reasons))
