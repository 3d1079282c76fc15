"""From every probe's hits to subjects in order.

All subjects are summed up as arrays (`outlook`); decided about are those alone that the answer names, or rests on.
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
from fusion.ranking.possible_outcomes import PossibleOutcomes
from fusion.ranking.search import Searched, unseen_llr
from fusion.ranking.sources import Flags, Rows
from fusion.ranking.unlisted import mean_unseen_llr
from fusion.samples.probes import missing_evidence
from gallery.subject import Missing

RUNNER_UP_GAP_LLR = 1.0
"""Two subjects closer than this are not told apart: the better one is less than 10 times as likely."""

UNTOLD = (DecisionReason.POOR_QUALITY, *OBSTACLES.values())
"""What makes a decision one for a person without saying anything for the subject."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an identification is about, besides its samples.

    Args:
        missing: positions without a sample.
        fpir: false positive identification rate; None means the default.
        enrolled_prior: probability that who is searched for is enrolled; None means the default.
        subject_count: subjects in the gallery.
    """

    missing: Sequence[Missing]
    fpir: float | None
    enrolled_prior: float | None
    subject_count: int


def rank(searched: Sequence[Searched], asked: Asked, model: FusionModel) -> Ranking:
    """Fuse each subject's evidence, put the subjects in order of LLR, then of id. CPU-bound: off the event loop.

    Raises:
        FieldInvalid: a rate out of range.
    """
    table = Table(searched, model)
    return Ranking(table, PossibleOutcomes(table, model.among(asked.subject_count, asked.fpir)), asked, model)


@dataclass(frozen=True)
class Ranking:
    """All that were compared. What is asked of it is computed when it is asked.

    Args:
        table: the comparisons, a row for each subject.
        outlook: what may become of each.
        asked: what is to be decided.
        model: by which.
    """

    table: Table
    outlook: PossibleOutcomes
    asked: Asked
    model: FusionModel
    _decided: dict[int, Decision] = field(default_factory=dict, repr=False)

    @property
    def size(self) -> int:
        """How many comparisons there are to be looked at."""
        return sum(len(each.hits) for each in self.table.searched)

    @cached_property
    def is_open(self) -> bool:
        """Whether a subject that was not compared might be a candidate, and as good as the best one."""
        best = self.best_llrs[0] if self.best_llrs else -inf
        return self.unseen_llr >= max(self.outlook.thresholds.review_llr, best - RUNNER_UP_GAP_LLR)

    @property
    def has_match(self) -> bool:
        """Whether somebody's evidence is a MATCH."""
        return any(self.decision(row).outcome is Outcome.MATCH for row in self.ranked(self.outlook.is_match))

    @cached_property
    def has_untold(self) -> bool:
        """Whether nothing but poor samples, or lacking ones, keeps somebody from being refused."""
        return not all(self.is_told(self.decision(row)) for row in self.ranked(self.outlook.is_untold))

    @property
    def is_swapped(self) -> bool:
        """Whether its best is a candidate by confused positions."""
        return any(DecisionReason.POSITIONS_SWAPPED in self.decision(row).reasons for row in islice(self.named(), 1))

    @cached_property
    def order(self) -> Rows:
        """The rows of all subjects, best first; of LLRs that differ by rounding alone in order of id."""
        falling = np.argsort(-self.outlook.llr, kind="stable")
        steps = np.diff(-self.outlook.llr[falling], prepend=0.0) > ROUNDING
        return falling[np.lexsort((falling, np.cumsum(steps)))]

    @cached_property
    def runner_up_gap_llr(self) -> float | None:
        """The highest fused LLR less the next one; None where fewer than two subjects were compared."""
        llrs = self.best_llrs
        return max(0.0, llrs[0] - llrs[1]) if len(llrs) > 1 else None

    @cached_property
    def unseen_llr(self) -> float:
        """No subject that was not compared, or not by all samples, has a higher LLR; -inf where there is none."""
        hidden = self.unseen_count > 0
        return max(unseen_llr(self.table.searched, self.model) if hidden else -inf, self._most_unscored_llr)

    @cached_property
    def _most_unscored_llr(self) -> float:
        """The most that somebody but the best may have whom a service did not score."""
        return max(self.outlook.unscored_llr[self.order[1:]].tolist(), default=-inf)

    @property
    def unseen_count(self) -> int:
        """Subjects of the gallery that are in no list."""
        return max(0, self.asked.subject_count - len(self.table.subject_ids))

    @cached_property
    def best_llrs(self) -> list[float]:
        """Of the best two."""
        return [self.model.llr(self.table.evidence(row)) for row in self.order[:2].tolist()]

    def posterior(self) -> tuple[list[float], float]:
        """The probability of each row, and of nobody.

        Raises:
            FieldInvalid: a prior out of range.
        """
        asked = self.asked.enrolled_prior
        prior = self.model.enrolled_prior if asked is None else asked
        unseen = mean_unseen_llr(self.table.searched, self.unseen_count, self.model)
        return posterior(self.outlook.llr.tolist(), self.asked.subject_count, prior, unseen)

    def ranked(self, chosen: Flags) -> Iterator[int]:
        """The rows chosen, best first."""
        yield from self.order[chosen[self.order]].tolist()

    def named(self) -> Iterator[int]:
        """Who is a candidate, best first: not those of whom only poor samples tell nothing."""
        for row in chain(self.ranked(self.outlook.is_candidate), self._doubted()):
            decision = self.decision(row)
            if decision.outcome is not Outcome.NO_MATCH and self.is_told(decision):
                yield row

    def _doubted(self) -> Iterator[int]:
        yield from self.ranked(self.outlook.is_doubted)

    def decision(self, row: int) -> Decision:
        """About one subject alone."""
        if row not in self._decided:
            self._decided[row] = self._decide(self.table.evidence(row))
        return self._decided[row]

    @cached_property
    def nobody(self) -> Decision:
        """About a subject that nothing was compared with."""
        return self._decide([each.probe.without_comparison() for each in self.table.searched])

    def _decide(self, evidence: Sequence[Evidence]) -> Decision:
        samples = {(each.probe.modality, each.probe.position) for each in self.table.searched}
        absent = missing_evidence(self.asked.missing, samples)
        all_of_it = (*self.model.merged(evidence), *absent)
        return self.model.identification(all_of_it, self.asked.fpir, self.asked.subject_count)

    def is_told(self, decision: Decision) -> bool:
        """Whether somebody is a candidate by more than that poor samples, or lacking ones, do not speak against it."""
        clear = [each for each in decision.evidence if not is_surely_poor(each, self.model)]
        told = max(decision.llr, self.model.llr(clear)) >= decision.thresholds.review_llr - ROUNDING
        return told or decision.reasons[0] not in UNTOLD
