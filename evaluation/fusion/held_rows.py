"""Calibrating a fusion model on held-out rows: a mated row's ratio is from mixtures not fitted on its subject."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from biometrics.score_fusion.fusion import ScoreFusion
from biometrics.score_fusion.mixture import Floats, columns_of, patterns
from biometrics.score_fusion.pattern import PatternCalibration, PatternCounts
from evaluation.fusion.density_fit import Sample
from evaluation.fusion.effective import dyads_of, effective
from evaluation.fusion.pattern_fit import affine, survival, wanted_patterns
from evaluation.metrics.cllr import cllr
from evaluation.metrics.dyads import Dyads

MIN_ROWS = 20
"""Least mated rows, and least non-mated rows, for which a pattern is calibrated."""

ROWS_TO_CHOOSE = 20_000
"""About this many rows of a class decide between a pattern and a part of it."""

STANDARD_ERRORS = 2.0
"""Standard errors by which a part must cost less than the pattern, or may cost more (`_is_better_by_a_part`)."""

FAR_MORE = 4.0
"""A part with more than this many times the comparisons is bounded at an LLR higher by log10(4) = 0.6 or more."""

Progress = Callable[[int, int], None]
Rows = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class HeldRows:
    """Rows of both classes; the ratio of a mated row is from mixtures that have not seen its subject."""

    sample: Sample
    draft: ScoreFusion
    left_out: Sequence[ScoreFusion]
    mated: Floats
    non_mated: Floats
    dyads: tuple[Dyads, Dyads]

    @classmethod
    def of(cls, sample: Sample, draft: ScoreFusion, left_out: Sequence[ScoreFusion]) -> HeldRows:
        """Put the rows on the draft's scales and number their people."""
        sides = sample.mated, sample.non_mated
        mated, non_mated = (sample.scaled(draft, rows) for rows in sides)
        dyads = dyads_of(sample.table, sides[0]), dyads_of(sample.table, sides[1])
        return cls(sample, draft, left_out, mated, non_mated, dyads)

    def calibrated(self, progress: Progress) -> ScoreFusion:
        """The draft with a calibration for every pattern, except for those that a part of them answers."""
        wanted = wanted_patterns(~np.isnan(self.mated), len(self.draft.comparators))
        known: dict[int, PatternCalibration] = {}
        for done, pattern in enumerate(wanted):
            progress(done, len(wanted))
            calibration = self._calibration(pattern)
            if calibration and not self._is_better_by_a_part(pattern, calibration, known):
                known[pattern] = calibration
        progress(len(wanted), len(wanted))
        return replace(self.draft, patterns=known)

    def _calibration(self, pattern: int) -> PatternCalibration | None:
        """A pattern's calibration; None where fewer than 20 rows of a class have all of its cells."""
        carrying = self._carrying(pattern)
        if min(rows.size for rows in carrying) < MIN_ROWS:
            return None
        mated, non_mated = self._ratios(pattern, *carrying)
        counts = self._counts(carrying, mated, non_mated)
        slope, offset = affine(mated, non_mated, counts.mated_effective)
        calibration = PatternCalibration(slope, offset, counts, 0.0, (0.0,), (0.0,))
        loss = cllr(calibration.llr(mated), calibration.llr(non_mated))
        at, level = survival(non_mated, counts.non_mated_effective)
        at = calibration.llr(at)
        rising = np.append(True, np.diff(at) > 0.0)
        knots = tuple(at[rising].tolist()), tuple(level[rising].tolist())
        return replace(calibration, cllr=loss, fmr_llr=knots[0], fmr_log10=knots[1])

    def _counts(self, carrying: Rows, mated: Floats, non_mated: Floats) -> PatternCounts:
        sides = [dyads.some(rows) for dyads, rows in zip(self.dyads, carrying, strict=True)]
        worth = effective(sides[0], -mated), effective(sides[1], non_mated)
        people = np.unique(np.concatenate([side for each in sides for side in (each.first, each.second)]))
        return PatternCounts(mated.size, non_mated.size, *worth, int(people.size))

    def _is_better_by_a_part(
        self, pattern: int, calibration: PatternCalibration, known: Mapping[int, PatternCalibration]
    ) -> bool:
        """Whether the part that would answer in its place does better on (a sample of) the rows with the whole pattern.

        The part must cost fewer bits by two standard errors of the difference per row. Where it rests on more than
        four times as many non-mated comparisons, and so has wider bounds, it is better unless it costs more by two
        standard errors. Example: a mean gain of −0.001 bits with a standard error of 0.002 is not better in the first
        case, and better in the second.
        """
        if pattern.bit_count() == 1:
            return False
        part = replace(self.draft, patterns=known).part(pattern)
        some = [rows[:: 1 + rows.size // ROWS_TO_CHOOSE] for rows in self._carrying(pattern)]
        own, others = self._ratios(pattern, *some), self._ratios(part, *some)
        gain = [_cost(calibration, own[k], k) - _cost(known[part], others[k], k) for k in (0, 1)]
        error = sum(each.var() / each.size for each in gain) ** 0.5
        is_rare = known[part].counts.non_mated_effective > FAR_MORE * calibration.counts.non_mated_effective
        least = -STANDARD_ERRORS * error if is_rare else STANDARD_ERRORS * error
        return bool(sum(each.mean() for each in gain) > least)

    def llr(self, model: ScoreFusion) -> tuple[Floats, Floats]:
        """LLRs of the mated and of the non-mated rows, each by the calibration of its pattern."""
        llr = np.zeros(len(self.mated)), np.zeros(len(self.non_mated))
        for x, ratios, of_side in zip(
            (self.mated, self.non_mated), (self._mated_ratio, self._non_mated_ratio), llr, strict=True
        ):
            for pattern, rows in patterns(~np.isnan(x)):
                if part := model.part(pattern):
                    of_side[rows] = model.patterns[part].llr(ratios(part, rows))
        return llr

    def _carrying(self, pattern: int) -> Rows:
        """Numbers of the mated and of the non-mated rows that have all cells of a pattern."""
        columns = columns_of(pattern)
        mated, non_mated = (np.flatnonzero(~np.isnan(x[:, columns]).any(axis=1)) for x in (self.mated, self.non_mated))
        return mated, non_mated

    def _ratios(self, pattern: int, mated: NDArray[np.int64], non_mated: NDArray[np.int64]) -> tuple[Floats, Floats]:
        return self._mated_ratio(pattern, mated), self._non_mated_ratio(pattern, non_mated)

    def _mated_ratio(self, pattern: int, rows: NDArray[np.int64]) -> Floats:
        ratio = np.empty(rows.size)
        for fold, model in enumerate(self.left_out):
            part = self.sample.fold[rows] == fold
            ratio[part] = model.ratio(self.mated, pattern, rows[part])
        return ratio

    def _non_mated_ratio(self, pattern: int, rows: NDArray[np.int64]) -> Floats:
        return self.draft.ratio(self.non_mated, pattern, rows)


def _cost(calibration: PatternCalibration, ratio: Floats, side: int) -> Floats:
    """Cost of each row in bits, as in Cllr; side 0 is mated, 1 non-mated."""
    llr = calibration.llr(ratio)
    return np.asarray(np.logaddexp2(0.0, (llr if side else -llr) * np.log2(10.0)))
