"""Selects, in arrays, the few of many subjects that `judgement.decide` must look at: those that may be candidates.

The rules of `judgement` are evaluated for all subjects at once. "May" allows for rounding by `EDGE`, as sums in another
order differ in their last digits: a subject that may be a candidate, or a match, is decided by `judgement.decide`; one
that cannot be either is left out without a decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from biometrics.template import Modality
from fusion.decision.decision import Thresholds
from fusion.decision.judgement import AGAINST_LLR, CONTRADICTION_LLR
from fusion.ranking.comparison_table import Table
from fusion.ranking.conflicts import is_crossed, surely_differ
from fusion.ranking.cut_lists import cut_off
from fusion.ranking.fused_llrs import Floats
from fusion.ranking.sources import Codes, Flags

EDGE = 1e-7
"""An LLR this close to a limit is taken to be on either side of it."""

Parts = Mapping[Modality, Floats]


@dataclass(frozen=True)
class PossibleOutcomes:
    """The outcomes that each of n subjects may have; all results have shape (n,).

    Args:
        table: the comparisons.
        thresholds: where the outcomes begin.
    """

    table: Table
    thresholds: Thresholds

    @cached_property
    def llr(self) -> Floats:
        """Fused LLR of each subject."""
        return self._total(self._parts)

    @cached_property
    def is_candidate(self) -> Flags:
        """Whether the subject may be a candidate by its LLR."""
        return self.llr >= self.thresholds.review_llr - EDGE

    @cached_property
    def is_doubted(self) -> Flags:
        """Whether a subject below the review band may still be named because of a doubt, for a person to look at."""
        by_llr = (self._clear_llr >= self.thresholds.review_llr - EDGE) & (self._may_be_hidden | self._may_hinge)
        return ~self.is_candidate & (by_llr | self._modalities_contradict(EDGE) | self._may_be_exhausted)

    @cached_property
    def is_unsupported(self) -> Flags:
        """Whether the subject may be a REVIEW only because samples are poor or could not be compared."""
        told = np.maximum(self.llr, self._clear_llr) >= self.thresholds.review_llr + EDGE
        return ~told & (self._may_be_hidden | self._may_hinge)

    @cached_property
    def is_match(self) -> Flags:
        """Whether the subject's evidence may be a MATCH without doubts."""
        strong = self.llr >= self.thresholds.match_llr - EDGE
        if not strong.any():
            return strong
        differ = surely_differ(self.table, strong, EDGE)
        return strong & ~(
            is_crossed(self.table) | self._surely_hinges(strong) | self._modalities_contradict(-EDGE) | differ
        )

    @cached_property
    def unscored_llr(self) -> Floats:
        """Highest LLR possible for a subject that a service failed to score, by its list's lowest score; else -inf."""
        table = self.table
        if not table.unscored.any():
            return self._none
        cut = [0.0 if each.unseen_score is None else cut_off(each, table.model).llr for each in table.searched]
        perhaps = table.unscored & (np.array(cut) > 0.0)
        rows = np.asarray(perhaps.any(axis=1))
        met = np.where(perhaps, table.positions, table.met)
        most = self._llr_of(rows, table.compared | perhaps, np.where(perhaps, cut, table.llrs), met)
        return np.where(rows, np.maximum(self.llr, most), -np.inf)

    @cached_property
    def _parts(self) -> Parts:
        return self._fused(self.table.llrs, self.table.compared, self.table.met, self.table.highest_llr)

    @property
    def _none(self) -> Floats:
        return np.full(self.llr.shape, -np.inf)

    @cached_property
    def _poor(self) -> Flags:
        """Whether there is a comparison of a sample that is poor by measured quality, shape (n, k)."""
        return self.table.compared & self.table.poor

    @cached_property
    def _clear_llr(self) -> Floats:
        rows = np.asarray(self._poor.any(axis=1))
        return np.where(rows, self._llr_of(rows, self.table.compared & ~self.table.poor), self.llr)

    @cached_property
    def _may_be_hidden(self) -> Flags:
        """Whether evidence that could not be obtained might have brought the LLR into the review band."""
        table = self.table
        rows = ~self._is_surely_candidate & table.lacking.any(axis=1) & (self.llr >= AGAINST_LLR - EDGE)
        attainable = self._llr_of(
            rows, table.compared | table.lacking, np.where(table.lacking, table.highest_llr, table.llrs)
        )
        return attainable >= self.thresholds.review_llr - EDGE

    @cached_property
    def _may_hinge(self) -> Flags:
        """Whether poor samples may turn a NO_MATCH into a REVIEW."""
        table, review_llr = self.table, self.thresholds.review_llr - EDGE
        rows = ~self._is_surely_candidate & self._poor.any(axis=1)
        captured = rows & (self._clear_llr >= -EDGE)
        attainable = self._llr_of(captured, table.compared, np.where(self._poor, self._most, table.llrs))
        nothing_else = ~(table.compared & ~table.poor).any(axis=1)
        without = [self._llr_of(rows, table.compared & ~side) >= review_llr for side in self._sides(self._poor)]
        return captured & (nothing_else | (attainable >= review_llr)) | without[0] | without[1]

    @cached_property
    def _is_surely_candidate(self) -> Flags:
        return self.llr >= self.thresholds.review_llr + EDGE

    @property
    def _most(self) -> Floats:
        """Highest LLR possible for each comparison, charged, shape (n, k)."""
        return self.table.highest_llr - self.table.charge

    def _sides(self, poor: Flags) -> tuple[Flags, Flags]:
        """The comparisons of poor samples that support a match, and those that oppose it, shape (n, k) each."""
        return poor & (self.table.llrs > 0.0), poor & (self.table.llrs < 0.0)

    def _modalities_contradict(self, slack: float) -> Flags:
        """Whether some modalities are strongly against a match that the others make; `slack` is added to the limits."""
        parts = np.stack(list(self._parts.values()), axis=1)
        against = parts <= -CONTRADICTION_LLR + slack
        others = np.where(against, 0.0, parts).sum(axis=1)
        return np.asarray(against.any(axis=1) & (others >= max(self.thresholds.match_llr, CONTRADICTION_LLR) - slack))

    @cached_property
    def _may_be_exhausted(self) -> Flags:
        """Whether the LLR may be the highest that these comparisons can have, and still below the match threshold.

        Subjects below the lowest single bound are skipped: comparisons whose bounds are all above 0 can together reach
        at least the lowest of these.
        """
        table, most = self.table, self._most
        least: Floats = np.asarray(np.where(table.compared, most, np.inf).min(axis=1))
        rows = ~self._is_surely_candidate & (self.llr >= least - EDGE) | (least < 0.0)
        reachable = self._llr_of(rows, table.compared, most)
        return rows & (reachable < self.thresholds.match_llr + EDGE) & (self.llr >= reachable - EDGE)

    def _surely_hinges(self, rows: Flags) -> Flags:
        """Whether these subjects would surely be no match without the poor samples that support, or oppose, one."""
        hinges = np.zeros(rows.shape, np.bool_)
        for side in self._sides(self.table.compared & self.table.poor_or_claimed):
            some = rows & side.any(axis=1)
            hinges |= some & (self._llr_of(some, self.table.compared & ~side) < self.thresholds.match_llr - EDGE)
        return hinges

    def _llr_of(self, rows: Flags, compared: Flags, llrs: Floats | None = None, met: Codes | None = None) -> Floats:
        """Fused LLR of the chosen rows, from these comparisons and LLRs (default: the table's); -inf in other rows."""
        llr = np.full(rows.shape, -np.inf)
        if rows.any():
            llrs, met = self.table.llrs if llrs is None else llrs, self.table.met if met is None else met
            highest = self.table.highest_llr
            most = highest if highest.ndim == 1 else highest[rows]
            llr[rows] = self._total(self._fused(llrs[rows], compared[rows], met[rows], most))
        return llr

    def _fused(self, llrs: Floats, compared: Flags, met: Codes, most: Floats) -> Parts:
        """Fused LLR of each modality for some rows; `most` is that of these rows."""
        return {
            modality: self.table.sums[modality].llr(
                llrs[:, columns],
                compared[:, columns],
                met[:, columns],
                None if most.ndim == 1 else most[:, columns],
            )
            for modality, columns in self.table.columns.items()
        }

    @staticmethod
    def _total(parts: Parts) -> Floats:
        return np.asarray(sum(parts.values()))
