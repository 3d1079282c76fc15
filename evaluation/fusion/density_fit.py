"""Fitting the scales and Gaussian mixtures of a fusion model, which is calibrated afterwards."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from biometrics.score_fusion.fusion import ScoreFusion
from biometrics.score_fusion.mixture import Floats, GaussianMixture
from biometrics.score_fusion.parts import Provenance
from biometrics.score_fusion.pattern import PatternCalibration, PatternCounts
from evaluation.calibration.mixture_fit import fit_mixture
from evaluation.data.score_table import ScoreTable
from evaluation.fusion.drawing import Drawn, draw
from evaluation.fusion.scale_fit import failure_code, fit_scale, narrowed

MATED_GAUSSIANS, NON_MATED_GAUSSIANS = (2, 3), (6, 8)
"""Gaussians of each mixture that is averaged; fewer where there are few rows."""

ROWS_PER_GAUSSIAN = 15
"""Least rows per Gaussian and dimension."""

UNCALIBRATED = PatternCalibration(1.0, 0.0, PatternCounts(1, 1, 1.0, 1.0, 1), 0.0, (0.0,), (0.0,))


@dataclass(frozen=True, slots=True)
class Sample:
    """The rows that have a score.

    Args:
        table: all rows.
        mated: numbers of the mated rows with a score.
        non_mated: numbers of the non-mated rows with a score.
        fold: for each of `mated`, the fold (set of subjects) it is in.
        folds: number of folds.
    """

    table: ScoreTable
    mated: NDArray[np.int64]
    non_mated: NDArray[np.int64]
    fold: NDArray[np.int64]
    folds: int

    def scaled(self, model: ScoreFusion, rows: NDArray[np.int64]) -> Floats:
        """The scores of some rows on the model's scales."""
        quality = self.table.quality
        return model.scaled(self.table.scores[rows], None if quality is None else quality[rows])


def sample_of(table: ScoreTable, folds: int, random: np.random.Generator) -> Sample:
    """The rows that have a score, with the subjects of the mated ones assigned to folds."""
    compared = ~np.isnan(table.scores).all(axis=1)
    mated, non_mated = (np.flatnonzero(side & compared) for side in (table.mated, ~table.mated))
    subject = table.subjects()[table.probe[mated]]
    fold = random.permutation(int(subject.max()) + 1)[subject] % folds
    return Sample(table, mated, non_mated, fold, folds)


def fit_densities(
    sample: Sample, provenance: Provenance, random: np.random.Generator, *, uses_quality: bool
) -> tuple[ScoreFusion, list[ScoreFusion]]:
    """Fit scales and mixtures of a model, and the model again without each fold's mated rows.

    Returns:
        The model, and one per fold; none of them is calibrated.
    """
    empty = _unfitted(sample.table, provenance, uses_quality=uses_quality)
    mated, non_mated = (
        _Rows.drawn_from(sample.scaled(empty, rows), random) for rows in (sample.mated, sample.non_mated)
    )
    others = _members(non_mated, NON_MATED_GAUSSIANS, random, starts=1)
    model = _narrowed(replace(empty, mated=_members(mated, MATED_GAUSSIANS, random, starts=3), non_mated=others))
    fold = sample.fold[mated.drawn.rows]
    parts = (mated.some(fold != each) for each in range(sample.folds))
    left_out = [replace(model, mated=_members(part, MATED_GAUSSIANS, random, starts=2)) for part in parts]
    return model, left_out


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows that a density is fitted on, and their scaled scores."""

    drawn: Drawn
    x: Floats

    @classmethod
    def drawn_from(cls, x: Floats, random: np.random.Generator) -> _Rows:
        drawn = draw(x, random)
        return cls(drawn, x[drawn.rows])

    def some(self, chosen: NDArray[np.bool_]) -> _Rows:
        return _Rows(Drawn(self.drawn.rows[chosen], self.drawn.weights[chosen]), self.x[chosen])


def _unfitted(table: ScoreTable, provenance: Provenance, *, uses_quality: bool) -> ScoreFusion:
    count = len(table.comparators)
    scales = tuple(fit_scale(*sides(table, place)) for place in range(count))
    dimensions = 2 * count if uses_quality else count
    standard = (GaussianMixture(np.ones(1), np.zeros((1, dimensions)), np.eye(dimensions)[None]),)
    curve = np.array([-1.0, 1.0]), np.array([-1.0, 1.0])
    return ScoreFusion(
        table.comparators,
        scales,
        standard,
        standard,
        (curve,) * count,
        {1 << place: UNCALIBRATED for place in range(count)},
        uses_quality,
        provenance,
    )


def sides(table: ScoreTable, place: int) -> tuple[Floats, Floats, float | None]:
    """One comparator's mated and non-mated scores, missing ones and failures left out, and its failure code."""
    scores = table.scores[:, place].astype(np.float64)
    there = ~np.isnan(scores)
    mated, non_mated = scores[there & table.mated], scores[there & ~table.mated]
    code = failure_code(mated, non_mated) if mated.size and non_mated.size else None
    if code is None:
        return mated, non_mated, None
    return mated[mated != code], non_mated[non_mated != code], code


def _members(
    rows: _Rows, gaussians: tuple[int, ...], random: np.random.Generator, starts: int
) -> tuple[GaussianMixture, ...]:
    most = max(1, len(rows.x) // (ROWS_PER_GAUSSIAN * rows.x.shape[1]))
    counts = sorted({min(each, most) for each in gaussians})
    return tuple(fit_mixture(rows.x, rows.drawn.weights, count, random, starts) for count in counts)


def _narrowed(model: ScoreFusion) -> ScoreFusion:
    parts = []
    for place, scale in enumerate(model.scales):
        mated, non_mated = (
            [each.marginal(np.array([place])) for each in side] for side in (model.mated, model.non_mated)
        )
        parts.append(narrowed(scale, mated, non_mated))
    scales, curves = zip(*parts, strict=True)
    return replace(model, scales=scales, curves=curves)
