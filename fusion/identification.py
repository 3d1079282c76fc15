"""The one answer about all subjects that were compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf

from fusion.decision import Decision, DecisionReason, Outcome

RUNNER_UP_GAP_LLR = 1.0
"""Two subjects closer than this are not told apart: the better one is less than 10 times as likely."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A subject that may be the one.

    Args:
        subject_id: who.
        decision: about this subject alone.
        posterior: probability, 0–1, that it is this subject.
        is_told: False where only poor samples were compared, or others as good as nothing: nobody to be named.
    """

    subject_id: str
    decision: Decision
    posterior: float
    is_told: bool = True


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


@dataclass(frozen=True, slots=True)
class Ranking:
    """All that were compared.

    Args:
        ranked: every subject compared, best first.
        nobody: the decision about a subject that nothing was compared with.
        subject_count: subjects in the gallery.
        none_posterior: probability, 0–1, that it is nobody of the gallery.
        unseen_llr: no subject that was not compared has a higher fused LLR; -inf where there is none that can be.
        unobtained_llr: the most that evidence which could not be obtained might add to it.
    """

    ranked: tuple[Candidate, ...]
    nobody: Decision
    subject_count: int
    none_posterior: float
    unseen_llr: float
    unobtained_llr: float

    @property
    def is_open(self) -> bool:
        """Whether a subject that was not compared might be a candidate, and as good as the best one."""
        best = self.ranked[0].decision.llr if self.ranked else -inf
        return self.unseen_llr >= max(self.nobody.thresholds.review_llr, best - RUNNER_UP_GAP_LLR)

    @property
    def runner_up_gap_llr(self) -> float | None:
        """The highest fused LLR less the next one; None where fewer than two subjects were compared."""
        return self.ranked[0].decision.llr - self.ranked[1].decision.llr if len(self.ranked) > 1 else None

    @property
    def named(self) -> tuple[Candidate, ...]:
        """Who is a candidate, best first: not those of whom only poor samples tell nothing."""
        return tuple(each for each in self.ranked if each.decision.outcome is not Outcome.NO_MATCH and each.is_told)

    @property
    def has_match(self) -> bool:
        """Whether somebody's evidence is a MATCH."""
        return any(each.decision.outcome is Outcome.MATCH for each in self.ranked)

    @property
    def swapped(self) -> Ranking | None:
        """The ranking if its best is a candidate by confused positions; else None."""
        reasons = self.named[0].decision.reasons if self.named else ()
        return self if DecisionReason.POSITIONS_SWAPPED in reasons else None

    def answer(self, limit: int) -> Identification:
        """The one answer, with at most `limit` candidates."""
        candidates = self.named
        return Identification(
            self._about_the_best(candidates[0].decision) if candidates else self._about_nobody(),
            candidates[0].subject_id if candidates else "",
            candidates[:limit],
            self.subject_count,
            self.none_posterior,
            self.runner_up_gap_llr,
            self.unseen_llr if self.unseen_llr > -inf else None,
        )

    def _about_the_best(self, decision: Decision) -> Decision:
        """The decision about the best candidate, for a person where another subject may as well be the one."""
        several = len(self.ranked) > 1 and self.ranked[1].decision.llr >= decision.thresholds.match_llr
        gap = self.runner_up_gap_llr
        doubts = {
            DecisionReason.SEVERAL_CANDIDATES: several,
            DecisionReason.RUNNER_UP_CLOSE: gap is not None and gap < RUNNER_UP_GAP_LLR,
            DecisionReason.SEARCH_INCOMPLETE: self.is_open,
        }
        reasons = tuple(reason for reason, holds in doubts.items() if holds)
        outcome = Outcome.REVIEW if reasons else decision.outcome
        return replace(decision, outcome=outcome, reasons=(*reasons, *decision.reasons))

    def _about_nobody(self) -> Decision:
        """No candidate is an answer, not ignorance, unless what could not be compared might have been one."""
        decision = self.ranked[0].decision if self.ranked else self.nobody
        reasons = [reason for reason in decision.reasons if reason is not DecisionReason.NOTHING_COMPARED]
        if self.is_open:
            reasons.insert(0, DecisionReason.SEARCH_INCOMPLETE)
        untold = any(not each.is_told for each in self.ranked)
        if untold and DecisionReason.POOR_QUALITY not in reasons:
            reasons.insert(0, DecisionReason.POOR_QUALITY)
        outcome = Outcome.REVIEW if self.is_open or untold or self._is_hidden else Outcome.NO_MATCH
        return replace(decision, outcome=outcome, reasons=(DecisionReason.NO_CANDIDATE, *reasons))

    @property
    def _is_hidden(self) -> bool:
        """Whether a subject that was not compared might be a candidate by what could not be obtained."""
        reach = max(0.0, self.unseen_llr) + self.unobtained_llr
        is_unseen = self.subject_count > len(self.ranked)
        return is_unseen and self.unobtained_llr > 0.0 and reach >= self.nobody.thresholds.review_llr
