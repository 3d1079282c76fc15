"""Ranks all subjects that the searches found, and decides about those that matter to the answer.

The LLRs of all subjects are fused in arrays (`possible_outcomes`); a full decision is made only for subjects that the
answer names or depends on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice
from math import inf

import numpy as np

from fusion.decision.decision import ROUNDING, Decision, DecisionReason, Outcome
from fusion.decision.judgement import OBSTACLES, is_surely_poor
from fusion.decision.posterior import posterior
from fusion.evidence.evidence import Evidence
from fusion.models.model import FusionModel
from fusion.ranking.comparison_table import Table
from fusion.ranking.cut_lists import unseen_llr
from fusion.ranking.possible_outcomes import PossibleOutcomes
from fusion.ranking.search import Searched
from fusion.ranking.search_facts import is_near
from fusion.ranking.sources import Flags, Rows
from fusion.ranking.unlisted import mean_unseen_llr
from fusion.samples.probes import missing_evidence
from gallery.subject import Missing

UNSUPPORTING = (DecisionReason.POOR_QUALITY, *OBSTACLES.values())
"""Reasons for REVIEW that are no evidence for the subject."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Parameters of an identification, besides its samples.

    Args:
        missing: positions without a sample.
        fpir: false positive identification rate; None means the default.
        enrolled_prior: probability that the person searched for is enrolled; None means the default.
        subject_count: subjects in the gallery.
    """

    missing: Sequence[Missing]
    fpir: float | None
    enrolled_prior: float | None
    subject_count: int


def rank(searched: Sequence[Searched], asked: Asked, model: FusionModel) -> Ranking:
    """Rank the subjects by fused LLR, then by id. What is read of it is CPU-bound: read it off the event loop.

    Raises:
        FieldInvalid: the FPIR is out of range.
    """
    table = Table(searched, model)
    return Ranking(table, PossibleOutcomes(table, model.among(asked.subject_count, asked.fpir)), asked, model)


@dataclass(frozen=True)
class Ranking:
    """All compared subjects in order of fused LLR. Properties are computed when they are first read.

    Args:
        table: the comparisons, a row for each subject.
        possible: the outcomes that each subject may have.
        asked: the parameters of the identification.
        model: the fusion model.
    """

    table: Table
    possible: PossibleOutcomes
    asked: Asked
    model: FusionModel
    _decided: dict[int, Decision] = field(default_factory=dict, repr=False)

    @property
    def size(self) -> int:
        """Number of comparisons in the table: a measure of the work."""
        return sum(len(each.hits) for each in self.table.searched)

    @cached_property
    def is_incomplete(self) -> bool:
        """Whether a subject that was not compared might matter; always if part of the gallery was not searched."""
        best = self.best_llrs[0] if self.best_llrs else None
        return self.has_unsearched or is_near(self.unseen_llr, best, self.possible.thresholds)

    @property
    def has_match(self) -> bool:
        """Whether the decision about any subject is a MATCH."""
        return any(self.decision(row).outcome is Outcome.MATCH for row in self.ranked(self.possible.is_match))

    @cached_property
    def has_unsupported(self) -> bool:
        """Whether any subject is a REVIEW only because samples are poor or could not be compared."""
        return not all(self.is_supported(self.decision(row)) for row in self.ranked(self.possible.is_unsupported))

    @property
    def is_swapped(self) -> bool:
        """Whether the best candidate is one because of swapped positions."""
        return any(DecisionReason.POSITIONS_SWAPPED in self.decision(row).reasons for row in islice(self.named(), 1))

    @cached_property
    def order(self) -> Rows:
        """Rows of all subjects, best first; subjects whose LLRs differ only by rounding are in order of id."""
        falling = np.argsort(-self.possible.llr, kind="stable")
        steps = np.diff(-self.possible.llr[falling], prepend=0.0) > ROUNDING
        return falling[np.lexsort((falling, np.cumsum(steps)))]

    @cached_property
    def runner_up_gap_llr(self) -> float | None:
        """Difference of the two highest fused LLRs, 0 or more; None if fewer than two subjects were compared."""
        llrs = self.best_llrs
        return max(0.0, llrs[0] - llrs[1]) if len(llrs) > 1 else None

    @cached_property
    def unseen_llr(self) -> float:
        """Upper bound of the fused LLR of subjects not compared, or not by all samples; -inf if there is none."""
        if self.has_unsearched:
            evidence = self.nobody.evidence
            return max(self.model.attainable_llr(evidence, evidence), self._most_unscored_llr)
        hidden = self.unseen_count > 0
        return max(unseen_llr(self.table.searched, self.model) if hidden else -inf, self._most_unscored_llr)

    @property
    def has_unsearched(self) -> bool:
        """Whether a part of the gallery was not searched by one of the samples."""
        return not all(each.is_whole for each in self.table.searched)

    @cached_property
    def _most_unscored_llr(self) -> float:
        """Highest LLR possible for a subject, other than the best, that a service failed to score; -inf if none."""
        return max(self.possible.unscored_llr[self.order[1:]].tolist(), default=-inf)

    @property
    def unseen_count(self) -> int:
        """Number of subjects of the gallery that are in no list."""
        return max(0, self.asked.subject_count - len(self.table.subject_ids))

    @cached_property
    def best_llrs(self) -> list[float]:
        """Fused LLRs of the best two subjects, or of fewer if there are no more."""
        return [self.model.llr(self.table.evidence(row)) for row in self.order[:2].tolist()]

    def posterior(self) -> tuple[list[float], float]:
        """Posterior probability of the subject in each row, and that the person is not enrolled.

        Raises:
            FieldInvalid: the prior is out of range.
        """
        asked = self.asked.enrolled_prior
        prior = self.model.enrolled_prior if asked is None else asked
        unseen = mean_unseen_llr(self.table.searched, self.unseen_count, self.model)
        return posterior(self.possible.llr.tolist(), self.asked.subject_count, prior, unseen)

    def ranked(self, chosen: Flags) -> Iterator[int]:
        """The chosen rows, best first."""
        yield from self.order[chosen[self.order]].tolist()

    def named(self) -> Iterator[int]:
        """Rows of the candidates, best first: MATCH or REVIEW, with evidence that supports them."""
        for row in chain(self.ranked(self.possible.is_candidate), self._doubted()):
            decision = self.decision(row)
            if decision.outcome is not Outcome.NO_MATCH and self.is_supported(decision):
                yield row

    def _doubted(self) -> Iterator[int]:
        yield from self.ranked(self.possible.is_doubted)

    def decision(self, row: int) -> Decision:
        """The decision about one subject alone."""
        if row not in self._decided:
            self._decided[row] = self._decide(self.table.evidence(row))
        return self._decided[row]

    @cached_property
    def nobody(self) -> Decision:
        """The decision about a subject that nothing was compared with."""
        return self._decide([each.probe.without_comparison() for each in self.table.searched])

    def _decide(self, evidence: Sequence[Evidence]) -> Decision:
        samples = {(each.probe.modality, each.probe.position) for each in self.table.searched}
        absent = missing_evidence(self.asked.missing, samples)
        all_of_it = (*self.model.merged(evidence), *absent)
        return self.model.identification(all_of_it, self.asked.fpir, self.asked.subject_count)

    def is_supported(self, decision: Decision) -> bool:
        """Whether evidence supports the subject, so that it is not a REVIEW only for poor or unobtained samples."""
        clear = [each for each in decision.evidence if not is_surely_poor(each, self.model)]
        in_band = max(decision.llr, self.model.llr(clear)) >= decision.thresholds.review_llr - ROUNDING
        return in_band or decision.reasons[0] not in UNSUPPORTING
