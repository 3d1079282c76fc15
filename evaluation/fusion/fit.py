"""Fitting a ScoreFusion to a table of scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from biometrics.errors import FieldInvalid
from biometrics.score_fusion.fusion import ScoreFusion
from biometrics.score_fusion.parts import Provenance
from evaluation.data.score_table import QUALITY, ScoreTable
from evaluation.fusion.density_fit import Sample, fit_densities, sample_of, sides
from evaluation.fusion.held_rows import MIN_ROWS, HeldRows, Progress
from evaluation.metrics.cllr import cllr, min_cllr

REVERSED = 4.0
"""A comparator is refused when its mated scores are lower than the non-mated ones by this many standard errors."""

MIN_GAIN, MIN_GAIN_BITS = 0.02, 0.001
"""Least reduction of the held-out Cllr, as a share and in bits, for which quality is used."""


def fit_fusion(table: ScoreTable, provenance: Provenance, *, seed: int = 1, progress: Progress) -> ScoreFusion:
    """Fit a model.

    1. Tell failure codes from scores. 2. Choose each comparator's scale and fit mixtures to each class; missing cells
    stay missing. 3. Fit the mated mixtures again without each fold of subjects, so that every mated row gets a ratio
    from mixtures that have not seen its subject. 4. Calibrate each pattern of present scores on the rows that have it,
    and bound its LLRs by the effective counts. A pattern that has fewer than 20 rows of a class, or whose part (a
    subset of its scores) has the lower cost on its rows, is not calibrated: the part answers. 5. Repeat with the
    qualities that vary in both classes, if there are any, and keep them if they lower the Cllr.

    Args:
        table: at least 20 mated and 20 non-mated scores of each comparator, not all alike.
        provenance: source, date, command and folds; the rest is filled in.
        seed: of initial values, folds and samples; the same seed gives the same model.
        progress: called with patterns calibrated, and how many there are.

    Raises:
        FieldInvalid: a comparator has too few or constant scores, or lower ones for mated rows.
    """
    _check(table)
    provenance, table = _counted(provenance, table), _without_quality(table, unused_qualities(table))
    sample = sample_of(table, provenance.folds, np.random.default_rng(seed))
    plain = _fit(sample, provenance, seed, progress, uses_quality=False)
    if table.quality is None:
        return plain
    aware = _fit(sample, provenance, seed, progress, uses_quality=True)
    gain = plain.provenance.cllr - aware.provenance.cllr
    return aware if gain > max(MIN_GAIN * plain.provenance.cllr, MIN_GAIN_BITS) else plain


def unused_qualities(table: ScoreTable) -> list[str]:
    """Comparators whose stated qualities say nothing of their scores: in mated or in non-mated rows all are alike."""
    return [name for name in table.comparators if table.quality is not None and _is_unused(table, name)]


def _is_unused(table: ScoreTable, name: str) -> bool:
    quality = np.where(np.isnan(table.column(name)), np.nan, table.column(name + QUALITY))
    there = ~np.isnan(quality)
    return bool(there.any()) and any(np.unique(quality[there & side]).size < 2 for side in (table.mated, ~table.mated))


def _without_quality(table: ScoreTable, comparators: Sequence[str]) -> ScoreTable:
    if table.quality is None:
        return table
    quality = table.quality.copy()
    quality[:, np.isin(table.comparators, comparators)] = np.nan
    return replace(table, quality=None if np.isnan(quality).all() else quality)


def _counted(provenance: Provenance, table: ScoreTable) -> Provenance:
    mated, subject = int(np.count_nonzero(table.mated)), table.subjects()
    people = np.unique(np.append(subject[table.probe], subject[table.reference]))
    count = int(people.size)
    return replace(provenance, mated_count=mated, non_mated_count=len(table) - mated, subject_count=count)


def _check(table: ScoreTable) -> None:
    for place, name in enumerate(table.comparators):
        mated, non_mated, _ = sides(table, place)
        for kind, scores in (("mated", mated), ("non-mated", non_mated)):
            if scores.size < MIN_ROWS:
                few = f"{scores.size} {kind} scores; at least {MIN_ROWS} are needed to fit"
                raise FieldInvalid(name, f"{few}. Add rows, or leave the column out.")
            if scores.min() == scores.max():
                alike = f"every {kind} score is {scores[0]:g}; constant scores cannot be calibrated"
                raise FieldInvalid(name, f"{alike}. Leave the column out.")
        if mated.mean() - non_mated.mean() < -REVERSED * (mated.std() / mated.size**0.5):
            raise FieldInvalid(
                name, "mated scores are lower than others: higher must mean more alike. Change its sign."
            )


def _fit(sample: Sample, provenance: Provenance, seed: int, progress: Progress, *, uses_quality: bool) -> ScoreFusion:
    random = np.random.default_rng(seed)
    draft, left_out = fit_densities(sample, provenance, random, uses_quality=uses_quality)
    held = HeldRows.of(sample, draft, left_out)
    model = held.calibrated(progress)
    mated, non_mated = held.llr(model)
    losses = cllr(mated, non_mated), min_cllr(mated, non_mated)
    return replace(model, provenance=replace(provenance, cllr=losses[0], min_cllr=losses[1]))
