"""Answers an identification: candidates, and one decision, REVIEW too if another subject may be as good as the best."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from math import inf

from fusion.decision.decision import Decision
from fusion.decision.judgement import OBSTACLES
from fusion.ranking.ranking import Ranking
from fusion.ranking.search_facts import NO_FACTS, SearchFacts, about_nobody, about_the_best


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
        facts: what the decision depends on besides the evidence.
    """

    decision: Decision
    subject_id: str
    candidates: tuple[Candidate, ...]
    subject_count: int
    none_posterior: float
    runner_up_gap_llr: float | None = None
    unseen_llr: float | None = None
    facts: SearchFacts = NO_FACTS

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
    facts = _facts(ranking, is_of_nobody=not candidates)
    nearest = ranking.decision(int(ranking.order[0])) if ranking.order.size else ranking.nobody
    return Identification(
        about_the_best(candidates[0].decision, facts) if candidates else about_nobody(nearest, facts),
        candidates[0].subject_id if candidates else "",
        candidates,
        ranking.asked.subject_count,
        none,
        facts.runner_up_gap_llr,
        facts.unseen_llr,
        facts,
    )


def _facts(ranking: Ranking, *, is_of_nobody: bool) -> SearchFacts:
    """The facts of a ranking; the last two matter only where nobody is a candidate."""
    llrs = ranking.best_llrs
    return SearchFacts(
        llrs[0] if llrs else None,
        llrs[1] if len(llrs) > 1 else None,
        ranking.unseen_llr if ranking.unseen_llr > -inf else None,
        ranking.has_unsearched,
        is_of_nobody and ranking.has_unsupported,
        is_of_nobody and _is_hidden(ranking),
    )


def _is_hidden(ranking: Ranking) -> bool:
    """Whether a subject that was not compared might be a candidate if all evidence could have been obtained."""
    evidence = ranking.nobody.evidence
    unobtained = ranking.model.attainable_llr(evidence, [each for each in evidence if each.status in OBSTACLES])
    reach = max(0.0, ranking.unseen_llr) + unobtained
    return ranking.unseen_count > 0 and unobtained > 0.0 and reach >= ranking.possible.thresholds.review_llr
