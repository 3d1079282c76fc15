"""The answer of a search for duplicates: the decision that there is one, and the candidates.

It differs from an identification in what it decides. An identification says who a person is, so two subjects that
match are a doubt. Here each of them is a duplicate, so SEVERAL_CANDIDATES and RUNNER_UP_CLOSE are remarks. And as a
NO_MATCH lets a person pass as new, it is never given while a service did not answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fusion.decision.decision import Decision, DecisionReason, Outcome
from fusion.evidence.evidence import EvidenceStatus
from fusion.models.model import FusionModel
from fusion.ranking.identification import Candidate, Identification, answer
from fusion.ranking.ranking import Asked, Ranking, rank
from fusion.ranking.search import Searched, Where
from fusion.ranking.whole_search import search_and_rank
from fusion.requests.parallel import computed
from fusion.samples.probes import Matchers, Probe
from infra.deadlines import Deadline

MOST_CANDIDATES = 20
"""Candidates that are named unless another number is asked for."""

REMARKS = (DecisionReason.SEVERAL_CANDIDATES, DecisionReason.RUNNER_UP_CLOSE)

UNSEARCHED = (DecisionReason.SEARCH_INCOMPLETE, DecisionReason.SERVICE_UNAVAILABLE)
"""Reasons for which another look may give another answer."""


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Result of a search for duplicates in one gallery.

    Args:
        gallery: that was searched.
        decision: MATCH: the best candidate is the same person by the evidence; REVIEW: a person must look.
        candidates: other subjects whose own outcome is MATCH or REVIEW, best first.
        subject_count: other subjects in the gallery.
    """

    gallery: str
    decision: Decision
    candidates: tuple[Candidate, ...]
    subject_count: int

    @property
    def is_clear(self) -> bool:
        """Whether nobody else is like the person."""
        return self.decision.outcome is Outcome.NO_MATCH

    @property
    def is_unfinished(self) -> bool:
        """Whether nobody was found, but only because the search was not complete."""
        return not self.candidates and any(each in self.decision.reasons for each in UNSEARCHED)

    @property
    def size(self) -> int:
        """Number of facts about samples in the answer: a measure of the work to convert it."""
        decisions = self.decision, *(each.decision for each in self.candidates)
        return sum(1 + len(each.likenesses) for decision in decisions for each in decision.evidence)

    def with_later(self, later: Duplicates) -> Duplicates:
        """This answer and that about subjects who were enrolled after it."""
        if later.is_clear:
            return self
        if self.is_clear:
            return replace(later, subject_count=self.subject_count)
        known = {each.subject_id for each in self.candidates}
        more = (*self.candidates, *(each for each in later.candidates if each.subject_id not in known))
        ordered = sorted(more, key=lambda each: -each.decision.llr)
        return replace(self, candidates=tuple(ordered[:MOST_CANDIDATES]))


async def look_for_duplicates(
    probes: Sequence[Probe],
    where: Where,
    asked: Asked,
    matchers: Matchers,
    model: FusionModel,
    deadline: Deadline,
    limit: int = MOST_CANDIDATES,
    *,
    may_fail: bool = False,
) -> Duplicates:
    """Search a gallery for other subjects who are the same person; raises as `search_and_rank`."""
    ranking = await search_and_rank(probes, where, asked, matchers, model, deadline, may_fail=may_fail)
    return await computed(ranking.size, judged, ranking, where.gallery, limit)


def judge(searched: Sequence[Searched], asked: Asked, model: FusionModel, gallery: str, limit: int) -> Duplicates:
    """The answer from lists that are complete. CPU-bound: call it off the event loop if they are long."""
    return judged(rank(searched, asked, model), gallery, limit)


def judged(ranking: Ranking, gallery: str, limit: int) -> Duplicates:
    """The answer from a ranking, with at most `limit` candidates. CPU-bound: call it off the event loop."""
    found = answer(ranking, limit)
    decision = _about_the_best(found) if found.candidates else _about_nobody(found, ranking)
    return Duplicates(gallery, decision, found.candidates, found.subject_count)


def _about_the_best(found: Identification) -> Decision:
    """The decision about the best candidate; REVIEW if the search was incomplete, as in an identification."""
    best, remarks = found.candidates[0].decision, [each for each in REMARKS if each in found.decision.reasons]
    if DecisionReason.SEARCH_INCOMPLETE not in found.decision.reasons:
        return replace(best, reasons=(*best.reasons, *remarks))
    return replace(best, outcome=Outcome.REVIEW, reasons=(DecisionReason.SEARCH_INCOMPLETE, *best.reasons, *remarks))


def _about_nobody(found: Identification, ranking: Ranking) -> Decision:
    """The decision that there is no candidate; REVIEW if a service that did not answer might have found one."""
    decision = found.decision
    failed = any(each.status is EvidenceStatus.SERVICE_UNAVAILABLE for each in ranking.nobody.evidence)
    lacking = any(each.lacking for each in ranking.table.searched)
    if decision.outcome is not Outcome.NO_MATCH or not (failed or lacking):
        return decision
    others = [each for each in decision.reasons if each is not DecisionReason.SERVICE_UNAVAILABLE]
    return replace(decision, outcome=Outcome.REVIEW, reasons=(DecisionReason.SERVICE_UNAVAILABLE, *others))
