"""Reference implementation of the ranking: decides about every subject, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from math import inf

from fusion.decision.decision import ROUNDING, Decision, DecisionReason, Outcome
from fusion.decision.judgement import OBSTACLES, is_surely_poor
from fusion.decision.posterior import posterior
from fusion.evidence.evidence import Evidence
from fusion.models.model import FusionModel
from fusion.ranking.cut_lists import cut_off, unseen_llr
from fusion.ranking.identification import Candidate, Identification
from fusion.ranking.ranking import UNSUPPORTING, Asked
from fusion.ranking.search import Searched
from fusion.ranking.search_facts import RUNNER_UP_GAP_LLR
from fusion.ranking.unlisted import mean_unseen_llr
from fusion.samples.probes import compared, missing_evidence


@dataclass(frozen=True)
class Exhaustive:
    """All compared subjects, best first, each with the decision about it."""

    ranked: tuple[Candidate, ...]
    nobody: Decision
    subject_count: int
    none_posterior: float
    unseen_llr: float
    unobtained_llr: float
    model: FusionModel

    @property
    def is_incomplete(self) -> bool:
        """Whether a subject that was not compared might be a candidate nearly as good as the best, or better."""
        best = self.ranked[0].decision.llr if self.ranked else -inf
        return self.unseen_llr >= max(self.nobody.thresholds.review_llr, best - RUNNER_UP_GAP_LLR)

    @property
    def gap(self) -> float | None:
        """Difference of the two highest fused LLRs."""
        return self.ranked[0].decision.llr - self.ranked[1].decision.llr if len(self.ranked) > 1 else None

    @property
    def named(self) -> tuple[Candidate, ...]:
        """The candidates, best first."""
        some = (each for each in self.ranked if each.decision.outcome is not Outcome.NO_MATCH)
        return tuple(each for each in some if self.is_supported(each.decision))

    @property
    def has_match(self) -> bool:
        """Whether the decision about any subject is a MATCH."""
        return any(each.decision.outcome is Outcome.MATCH for each in self.ranked)

    @property
    def is_swapped(self) -> bool:
        """Whether the best candidate is one because of swapped positions."""
        return bool(self.named) and DecisionReason.POSITIONS_SWAPPED in self.named[0].decision.reasons

    def is_supported(self, decision: Decision) -> bool:
        """Whether evidence supports the subject, so that it is not a REVIEW only for poor or unobtained samples."""
        clear = [each for each in decision.evidence if not is_surely_poor(each, self.model)]
        supported = max(decision.llr, self.model.llr(clear)) >= decision.thresholds.review_llr - ROUNDING
        return supported or decision.reasons[0] not in UNSUPPORTING

    def answer(self, limit: int) -> Identification:
        """The answer with at most `limit` candidates."""
        named = self.named
        return Identification(
            self._about_the_best(named[0].decision) if named else self._about_nobody(),
            named[0].subject_id if named else "",
            named[:limit],
            self.subject_count,
            self.none_posterior,
            self.gap,
            self.unseen_llr if self.unseen_llr > -inf else None,
        )

    def _about_the_best(self, decision: Decision) -> Decision:
        several = len(self.ranked) > 1 and self.ranked[1].decision.llr >= decision.thresholds.match_llr
        doubts = {
            DecisionReason.SEVERAL_CANDIDATES: several,
            DecisionReason.RUNNER_UP_CLOSE: self.gap is not None and self.gap < RUNNER_UP_GAP_LLR,
            DecisionReason.SEARCH_INCOMPLETE: self.is_incomplete,
        }
        reasons = tuple(reason for reason, holds in doubts.items() if holds)
        outcome = Outcome.REVIEW if reasons else decision.outcome
        return replace(decision, outcome=outcome, reasons=(*reasons, *decision.reasons))

    def _about_nobody(self) -> Decision:
        decision = self.ranked[0].decision if self.ranked else self.nobody
        reasons = [reason for reason in decision.reasons if reason is not DecisionReason.NOTHING_COMPARED]
        if self.is_incomplete:
            reasons.insert(0, DecisionReason.SEARCH_INCOMPLETE)
        unsupported = any(not self.is_supported(each.decision) for each in self.ranked)
        if unsupported and DecisionReason.POOR_QUALITY not in reasons:
            reasons.insert(0, DecisionReason.POOR_QUALITY)
        reach = max(0.0, self.unseen_llr) + self.unobtained_llr
        is_unseen = self.subject_count > len(self.ranked)
        hidden = is_unseen and self.unobtained_llr > 0.0 and reach >= self.nobody.thresholds.review_llr
        outcome = Outcome.REVIEW if self.is_incomplete or unsupported or hidden else Outcome.NO_MATCH
        return replace(decision, outcome=outcome, reasons=(DecisionReason.NO_CANDIDATE, *reasons))


def rank_all(searched: Sequence[Searched], asked: Asked, model: FusionModel) -> Exhaustive:
    """Decide about each subject, then put them in order."""
    lists = [
        dict(zip(each.hits, compared(each.probe, list(each.hits.values()), model), strict=True)) for each in searched
    ]
    ids = sorted({subject_id for each in searched for subject_id in each.hits})
    samples = {(each.probe.modality, each.probe.position) for each in searched}

    def evidence_of(subject_id: str) -> list[Evidence]:
        pairs = zip(lists, searched, strict=True)
        return [found.get(subject_id) or each.evidence(subject_id) for found, each in pairs]

    def decision(subject_id: str) -> Decision:
        evidence = (*model.merged(evidence_of(subject_id)), *missing_evidence(asked.missing, samples))
        return model.identification(evidence, asked.fpir, asked.subject_count)

    decisions = [decision(subject_id) for subject_id in ids]
    prior = asked.enrolled_prior or model.enrolled_prior
    mean = mean_unseen_llr(searched, max(0, asked.subject_count - len(ids)), model)
    probabilities, none = posterior([each.llr for each in decisions], asked.subject_count, prior, mean)
    ranked = _in_order(list(map(Candidate, ids, decisions, probabilities)))
    nobody = decision("")
    lacking = [each for each in nobody.evidence if each.status in OBSTACLES]
    unseen = unseen_llr(searched, model) if asked.subject_count > len(ids) else -inf
    unscored = [_unscored_llr(each.subject_id, searched, evidence_of(each.subject_id), model) for each in ranked[1:]]
    most = max([unseen, *unscored])
    attainable = model.attainable_llr(nobody.evidence, lacking)
    return Exhaustive(tuple(ranked), nobody, asked.subject_count, none, most, attainable, model)


def _unscored_llr(subject_id: str, searched: Sequence[Searched], evidence: list[Evidence], model: FusionModel) -> float:
    """Highest LLR possible for a subject that a service failed to score."""
    perhaps = [*evidence]
    for place, each in enumerate(searched):
        if subject_id in each.lacking and each.unseen_score is not None and cut_off(each, model).llr > 0.0:
            perhaps[place] = cut_off(each, model)
    return max(model.llr(evidence), model.llr(perhaps)) if perhaps != evidence else -inf


def _in_order(candidates: list[Candidate]) -> list[Candidate]:
    """Best first; subjects whose LLRs differ only by rounding are in order of id."""
    falling = sorted(candidates, key=lambda each: -each.decision.llr)
    steps = [0, *(one.decision.llr - other.decision.llr > ROUNDING for one, other in pairwise(falling))][: len(falling)]
    places = zip(accumulate(steps), falling, strict=True)
    return [each for _, each in sorted(places, key=lambda place: (place[0], place[1].subject_id))]
