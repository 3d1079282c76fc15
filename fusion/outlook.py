"""Which of many subjects `judgement.decide` is to be asked about: what its doubts can make of each, by arrays.

What may hold is told from what surely does by `EDGE`, as sums in another order differ in their last digits. Whoever
cannot be a candidate, or a match, is not asked about; of the others the decision itself says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from biometrics.template import Modality, Position
from fusion.decision import Thresholds
from fusion.doubts import OTHER_SOURCE_LLR
from fusion.judgement import AGAINST_LLR, CONTRADICTION_LLR
from fusion.search import cut_off
from fusion.sources import CODES, NOT_MET, UNKNOWN, Codes, Flags
from fusion.sums import Floats
from fusion.table import Table

EDGE = 1e-7
"""LLRs this near to a limit may be on either side of it."""

Parts = Mapping[Modality, Floats]


@dataclass(frozen=True)
class Outlook:
    """What may become of each of n subjects; shape (n,) throughout.

    Args:
        table: the comparisons.
        thresholds: where the answers begin.
    """

    table: Table
    thresholds: Thresholds

    @cached_property
    def llr(self) -> Floats:
        """The fused LLR."""
        return self._total(self._parts)

    @cached_property
    def is_candidate(self) -> Flags:
        """Whether somebody may be a candidate by the LLR."""
        return self.llr >= self.thresholds.review_llr - EDGE

    @cached_property
    def is_doubted(self) -> Flags:
        """Whether somebody who is none may be named for a person to look at all the same."""
        told = self._clear_llr >= self.thresholds.review_llr - EDGE
        doubted = self._may_be_hidden | self._may_hinge | self._may_be_contradicted | self._may_be_exhausted
        return doubted & (told | self._may_be_contradicted | self._may_be_exhausted)

    @cached_property
    def is_untold(self) -> Flags:
        """Whether it may be that nothing but poor samples, or lacking ones, keeps somebody from being refused."""
        told = np.maximum(self.llr, self._clear_llr) >= self.thresholds.review_llr + EDGE
        return ~told & (self._may_be_hidden | self._may_hinge)

    @cached_property
    def is_match(self) -> Flags:
        """Whether somebody's evidence may be a MATCH that is not in doubt."""
        strong = self.llr >= self.thresholds.match_llr - EDGE
        return strong & ~self._is_doubted_match if strong.any() else strong

    @cached_property
    def unscored_llr(self) -> Floats:
        """The most that somebody may have whom a service did not score, as its list was cut; -inf of all others."""
        table, least = self.table, np.full(self.llr.shape, -np.inf)
        if not table.unscored.any():
            return least
        cut = [0.0 if each.unseen_score is None else cut_off(each, table.model).llr for each in table.searched]
        perhaps = table.unscored & (np.array(cut) > 0.0)
        most = self._total(self._fused(table.compared | perhaps, np.where(perhaps, cut, table.llrs)))
        return np.where(perhaps.any(axis=1), np.maximum(self.llr, most), least)

    @cached_property
    def _parts(self) -> Parts:
        return self._fused(self.table.compared)

    @cached_property
    def _poor(self) -> Flags:
        """Comparisons of samples that no decision hinges on, shape (n, k)."""
        return self.table.compared & self.table.poor

    @cached_property
    def _clear_llr(self) -> Floats:
        return self._total(self._fused(self.table.compared & ~self.table.poor)) if self._poor.any() else self.llr

    @cached_property
    def _may_be_hidden(self) -> Flags:
        """Whether what is lacking might have brought the LLR into the review band."""
        table = self.table
        if not table.lacking.any():
            return np.zeros(self.llr.shape, np.bool_)
        llrs = np.where(table.lacking, table.best, table.llrs)
        attainable = self._total(self._fused(table.compared | table.lacking, llrs))
        may_be = (self.llr >= AGAINST_LLR - EDGE) & (attainable >= self.thresholds.review_llr - EDGE)
        return table.lacking.any(axis=1) & may_be

    @cached_property
    def _may_hinge(self) -> Flags:
        """Whether poor samples may keep somebody from being refused."""
        if not self._poor.any():
            return np.zeros(self.llr.shape, np.bool_)
        table, review_llr = self.table, self.thresholds.review_llr
        attainable = self._total(
            self._fused(table.compared, np.where(self._poor, table.best - table.charge, table.llrs))
        )
        nothing_else = ~(table.compared & ~table.poor).any(axis=1)
        replaced = (self._clear_llr >= -EDGE) & (nothing_else | (attainable >= review_llr - EDGE))
        others = np.maximum(*(self._total(self._fused(table.compared & ~side)) for side in self._sides))
        return self._poor.any(axis=1) & (replaced | (others >= review_llr - EDGE))

    @property
    def _sides(self) -> tuple[Flags, Flags]:
        """What poor samples say for a match, and against it."""
        return self._poor & (self.table.llrs > 0.0), self._poor & (self.table.llrs < 0.0)

    @cached_property
    def _may_be_contradicted(self) -> Flags:
        return self._contradicted(EDGE)

    def _contradicted(self, slack: float) -> Flags:
        """Whether some modalities speak strongly against a match that the others make."""
        parts = np.stack(list(self._parts.values()), axis=1)
        against = parts <= -CONTRADICTION_LLR + slack
        others = np.where(against, 0.0, parts).sum(axis=1)
        return against.any(axis=1) & (others >= max(self.thresholds.match_llr, CONTRADICTION_LLR) - slack)

    @cached_property
    def _may_be_exhausted(self) -> Flags:
        """Whether the evidence is as strong as it can be, and that is not enough."""
        reachable = self._total(self._fused(self.table.compared, self.table.best - self.table.charge))
        return (reachable < self.thresholds.match_llr + EDGE) & (self.llr >= reachable - EDGE)

    @property
    def _is_doubted_match(self) -> Flags:
        """Whether a match is surely in doubt."""
        table = self.table
        positions = np.array([CODES[each.probe.position] for each in table.searched])
        known = (positions != UNKNOWN) & (table.met != UNKNOWN) & (table.met != NOT_MET)
        doubted = (table.compared & known & (table.met != positions)).any(axis=1)
        return doubted | self._surely_hinges | self._contradicted(-EDGE) | self._surely_differ

    @property
    def _surely_hinges(self) -> Flags:
        hinges = np.zeros(self.llr.shape, np.bool_)
        for side in self._sides if self._poor.any() else ():
            llr = self._total(self._fused(self.table.compared & ~side))
            hinges |= side.any(axis=1) & (llr < self.thresholds.match_llr - EDGE)
        return hinges

    @property
    def _surely_differ(self) -> Flags:
        """Whether of two samples of one position, neither of them poor, one is for a match and one against it."""
        table = self.table
        clear = table.compared & ~table.poor
        differ = np.zeros(self.llr.shape, np.bool_)
        for columns in self.table.columns.values():
            for one, other in combinations(columns, 2):
                if self._may_differ(one, other):
                    pair = table.llrs[:, [one, other]]
                    apart = (pair.min(axis=1) <= OTHER_SOURCE_LLR - EDGE) & (pair.max(axis=1) > EDGE)
                    differ |= clear[:, one] & clear[:, other] & apart
        return differ

    def _may_differ(self, one: int, other: int) -> bool:
        first, second = self.table.searched[one].probe, self.table.searched[other].probe
        if not first.position is second.position is not Position.UNKNOWN:
            return False
        alike = next((each for each in first.likenesses if each.sample == second.number), None)
        return not (alike and alike.relation.is_one_source)

    def _fused(self, compared: Flags, llrs: Floats | None = None) -> Parts:
        """The fused LLR of each modality, of some comparisons, at their own LLRs or others."""
        table = self.table
        llrs = table.llrs if llrs is None else llrs
        met: Codes = np.where(table.compared, table.met, NOT_MET)
        return {
            modality: table.sums[modality].llr(llrs[:, columns], compared[:, columns], met[:, columns])
            for modality, columns in table.columns.items()
        }

    def _total(self, parts: Parts) -> Floats:
        return np.asarray(sum(parts.values(), np.zeros(len(self.table.subject_ids))))
