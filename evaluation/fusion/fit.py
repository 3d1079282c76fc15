"""A table of scores → a fitted ScoreFusion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import FieldInvalid
from biometrics.information import cllr, min_cllr
from biometrics.mixture import Floats, columns_of, patterns
from biometrics.score_fusion import ScoreFusion
from biometrics.score_fusion_parts import PatternCalibration, Provenance
from evaluation.fusion.density_fit import Sample, fit_densities, sample_of, sides
from evaluation.fusion.pattern_fit import affine, survival, wanted_patterns
from evaluation.fusion.score_table import ScoreTable

MIN_ROWS = 20
"""Mated and non-mated scores that every comparator needs."""

REVERSED = 4.0
"""Standard errors by which mated scores are lower than others where a comparator says the reverse."""

MIN_GAIN, MIN_GAIN_BITS = 0.02, 0.001
"""By which quality must lower the Cllr on the folds to be used, as a share and in bits."""

Progress = Callable[[int, int], None]


def fit_fusion(table: ScoreTable, provenance: Provenance, *, seed: int = 1, progress: Progress) -> ScoreFusion:
    """Fit a model.

    Steps: 1. tell failure codes from scores; 2. choose each comparator's scale and fit mixtures to each class, with
    missing cells as they are; 3. fit the mated ones again without each fold of subjects, for ratios of rows that they
    have not seen; 4. calibrate by pattern of what is there; 5. do the same with the qualities, if there are any, and
    keep them if they lower the Cllr.

    Args:
        table: at least 20 mated and 20 non-mated scores of each comparator, not all alike.
        provenance: source, date, command and folds; the rest is filled in.
        seed: of starts, folds and draws: the same seed gives the same model.
        progress: called with patterns calibrated, and how many there are.

    Raises:
        FieldInvalid: too few or constant scores of a comparator, or ones that are lower for mated rows.
    """
    _check(table)
    provenance = _counted(provenance, table)
    sample = sample_of(table, provenance.folds, np.random.default_rng(seed))
    plain = _fit(sample, provenance, seed, progress, uses_quality=False)
    if table.quality is None:
        return plain
    aware = _fit(sample, provenance, seed, progress, uses_quality=True)
    gain = plain.provenance.cllr - aware.provenance.cllr
    return aware if gain > max(MIN_GAIN * plain.provenance.cllr, MIN_GAIN_BITS) else plain


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
                raise FieldInvalid(name, f"{scores.size} {kind} scores; at least {MIN_ROWS} are needed to fit.")
            if scores.min() == scores.max():
                raise FieldInvalid(name, f"every {kind} score is {scores[0]:g}; constant scores cannot be calibrated.")
        if mated.mean() - non_mated.mean() < -REVERSED * (mated.std() / mated.size**0.5):
            raise FieldInvalid(
                name, "mated scores are lower than others: higher must mean more alike. Change its sign."
            )


def _fit(sample: Sample, provenance: Provenance, seed: int, progress: Progress, *, uses_quality: bool) -> ScoreFusion:
    random = np.random.default_rng(seed)
    draft, left_out = fit_densities(sample, provenance, random, uses_quality=uses_quality)
    held = _Held.of(sample, draft, left_out)
    wanted = wanted_patterns(~np.isnan(held.mated[:, : len(draft.comparators)]))
    calibrations: dict[int, PatternCalibration] = {}
    for done, pattern in enumerate(wanted):
        progress(done, len(wanted))
        if calibration := held.calibrate(pattern):
            calibrations[pattern] = calibration
    progress(len(wanted), len(wanted))
    model = replace(draft, patterns=calibrations)
    mated, non_mated = held.llr(model)
    losses = cllr(mated, non_mated), min_cllr(mated, non_mated)
    return replace(model, provenance=replace(provenance, cllr=losses[0], min_cllr=losses[1]))


@dataclass(frozen=True, slots=True)
class _Held:
    """Rows for calibrating: mated ones by the mixtures that have not seen their subject."""

    sample: Sample
    draft: ScoreFusion
    left_out: Sequence[ScoreFusion]
    mated: Floats
    non_mated: Floats

    @classmethod
    def of(cls, sample: Sample, draft: ScoreFusion, left_out: Sequence[ScoreFusion]) -> _Held:
        """Scale the rows."""
        mated, non_mated = (sample.scaled(draft, rows) for rows in (sample.mated, sample.non_mated))
        return cls(sample, draft, left_out, mated, non_mated)

    def calibrate(self, pattern: int) -> PatternCalibration | None:
        """A pattern's calibration, or None where fewer than 20 rows of a class have all of it."""
        rows, others = (self._rows(x, pattern) for x in (self.mated, self.non_mated))
        if min(rows.size, others.size) < MIN_ROWS:
            return None
        ratio = self.draft.ratio(self.non_mated, pattern, others)
        slope, offset = affine(self._mated_ratio(pattern, rows), ratio)
        calibration = PatternCalibration(slope, offset, (0.0,), (0.0,))
        model = replace(self.draft, patterns={pattern: calibration})
        at, level = survival(model.calibrated(pattern, ratio))
        return replace(calibration, fmr_llr=at, fmr_log10=level)

    def llr(self, model: ScoreFusion) -> tuple[Floats, Floats]:
        """LLR of the mated and of the non-mated rows, each by the pattern it has."""
        llr = np.zeros(len(self.mated)), np.zeros(len(self.non_mated))
        for pattern, rows in self._patterns(self.mated):
            llr[0][rows] = model.calibrated(pattern, self._mated_ratio(pattern, rows))
        for pattern, rows in self._patterns(self.non_mated):
            llr[1][rows] = model.calibrated(pattern, self.draft.ratio(self.non_mated, pattern, rows))
        return llr

    def _patterns(self, x: Floats) -> list[tuple[int, NDArray[np.int64]]]:
        return list(patterns(~np.isnan(x[:, : len(self.draft.comparators)])))

    def _rows(self, x: Floats, pattern: int) -> NDArray[np.int64]:
        return np.flatnonzero(~np.isnan(x[:, columns_of(pattern)]).any(axis=1))

    def _mated_ratio(self, pattern: int, rows: NDArray[np.int64]) -> Floats:
        ratio = np.empty(rows.size)
        for fold, model in enumerate(self.left_out):
            part = self.sample.fold[rows] == fold
            ratio[part] = model.ratio(self.mated, pattern, rows[part])
        return ratio
