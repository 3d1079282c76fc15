"""Fitting a fusion model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from biometrics.errors import FieldInvalid
from biometrics.score_fusion.fusion import ScoreFusion
from evaluation.data.score_table import ScoreTable
from evaluation.fusion.fit import fit_fusion
from evaluation.made_up_scores import made_up_scores
from evaluation.metrics.cllr import cllr, min_cllr
from tests.unit.evaluation.fusion.conftest import PROVENANCE, fitted, gaussian_table, silent, with_missing

SHIFT = (2.5, 2.0)


def _true_llr(scores: np.ndarray, shift: tuple[float, ...] = SHIFT) -> np.ndarray:
    return (scores @ np.array(shift) - np.dot(shift, shift) / 2) / np.log(10)


def test_fused_llr_is_the_true_one() -> None:
    """On independent normal scores the fused LLR is close to the LLR of their densities."""
    table, fresh = gaussian_table(300, SHIFT), gaussian_table(120, SHIFT, seed=9)
    found, true = fitted(table).llr(fresh.scores), _true_llr(fresh.scores)
    inside = (true > -2.0) & (true < 3.0)
    assert np.abs(found - true)[inside].mean() < 0.2
    assert cllr(found[fresh.mated], found[~fresh.mated]) < 1.15 * cllr(true[fresh.mated], true[~fresh.mated])


def test_a_comparator_that_repeats_another_counts_once() -> None:
    """A comparator that repeats another adds almost nothing, where a sum of LLRs would count it twice."""
    table = gaussian_table(200, (2.5,))
    noise = np.random.default_rng(5).normal(0.0, 0.02, len(table))
    twins = np.stack((table.scores[:, 0], table.scores[:, 0] + noise), axis=1).astype(np.float32)
    table = replace(table, comparators=("a", "b"), scores=twins)
    model = fitted(table)
    single, fused = model.single_llr(table.scores), model.llr(table.scores)
    between = (single[:, 0] > -1.5) & (single[:, 0] < 2.0)
    assert np.abs(fused - single[:, 0])[between].mean() < 0.25
    assert np.abs(single.sum(axis=1) - single[:, 0])[between].mean() > 0.5


def test_missing_scores_are_worth_nothing(model: ScoreFusion, made_up: ScoreTable) -> None:
    """A row without scores has LLR exactly 0 and FMR 1; a row with one score has that comparator's LLR."""
    nothing = model.fuse(np.full((3, 4), np.nan))
    assert ([0.0] * 3, [1.0] * 3) == (nothing.llr.tolist(), nothing.fmr.tolist())
    for column in range(4):
        alone = np.full((500, 4), np.nan)
        alone[:, column] = made_up.scores[:500, column]
        single = model.single_llr(made_up.scores[:500])[:, column]
        expected = np.where(np.isnan(single), 0.0, single)
        np.testing.assert_allclose(expected, model.llr(alone))


def test_training_with_missing_cells() -> None:
    """Training with half of a comparator's cells missing costs little on complete rows."""
    table, fresh = gaussian_table(300, SHIFT), gaussian_table(120, SHIFT, seed=9)
    sparse = fitted(with_missing(table, 0.5, (0, 1)))
    loss = [
        cllr(llr[fresh.mated], llr[~fresh.mated]) for llr in (fitted(table).llr(fresh.scores), sparse.llr(fresh.scores))
    ]
    assert loss[1] < 1.15 * loss[0]
    halved = with_missing(fresh, 0.5, (0,))
    rest = np.isnan(halved.scores[:, 0])
    alone = sparse.single_llr(fresh.scores)[rest, 1]
    np.testing.assert_allclose(alone, sparse.llr(halved.scores)[rest])


def test_claimed_rates_are_kept(model: ScoreFusion) -> None:
    """On other people, non-mated comparisons are accepted at about the claimed FMR of 1 % and 0.1 %, or less."""
    others = made_up_scores(200, seed=8)
    non_mated = model.fuse(others.scores[~others.mated]).fmr
    assert (non_mated <= 1e-2).mean() == pytest.approx(1e-2, rel=0.5)
    assert (non_mated <= 1e-3).mean() < 1.5e-3


def test_fusing_beats_each_comparator_and_their_sum(model: ScoreFusion) -> None:
    """On other people, the fused LLR has a lower minimal Cllr than any comparator and than the sum of their LLRs."""
    others = made_up_scores(200, seed=8)
    single = np.nan_to_num(model.single_llr(others.scores))
    columns = [*single.T, single.sum(axis=1)]
    losses = [min_cllr(column[others.mated], column[~others.mated]) for column in columns]
    fused = model.llr(others.scores)
    assert min_cllr(fused[others.mated], fused[~others.mated]) < min(losses)


def test_failure_code_is_missing(made_up: ScoreTable) -> None:
    """A value far below all scores that several rows share is a failure code; rows with it count as missing."""
    scores = made_up.scores.copy()
    scores[::50, :2] = -1.0
    model = fitted(replace(made_up, scores=scores))
    assert [-1.0, -1.0, None, None] == [scale.failure for scale in model.scales]
    without = np.where(scores[:1] == -1.0, np.nan, scores[:1])
    assert np.isnan(without).sum() == 2
    assert model.llr(without) == model.llr(scores[:1])


def test_single_llr_never_falls(model: ScoreFusion, made_up: ScoreTable) -> None:
    """With one comparator, a higher score never has a lower LLR, even far outside the training data."""
    for column in range(4):
        low, high = np.nanquantile(made_up.scores[:, column], (0.05, 1.0))
        rows = np.full((2000, 4), np.nan)
        rows[:, column] = np.linspace(low, high + 10 * (high - low), 2000)
        llr = model.llr(rows)
        assert (np.diff(llr) >= 0.0).all()
        assert model.llr_min < llr[0] < 0.0 < llr[-1] < model.llr_max


def test_quality_is_used_where_it_predicts() -> None:
    """Scores that are noise at low quality have LLRs nearer 0 there; a quality that predicts nothing is not used."""
    table = gaussian_table(200, (4.0,))
    random = np.random.default_rng(3)
    quality = random.choice((10.0, 90.0), len(table)).astype(np.float32)
    noise = (random.standard_normal(len(table)) * 1.0).astype(np.float32)
    scores = np.where(quality[:, None] < 50, noise[:, None], table.scores)
    aware = fitted(replace(table, scores=scores, quality=quality[:, None]))
    assert aware.uses_quality
    poor, good = aware.llr([[-1.0], [-1.0]], [[10.0], [90.0]])
    assert good < poor - 0.5
    assert not fitted(replace(table, quality=quality[:, None])).uses_quality


def test_same_seed_same_model(model: ScoreFusion, made_up: ScoreTable) -> None:
    """Fitting again gives the same bytes and thus the same id."""
    again = fitted(made_up)
    assert (model.to_json(), model.fusion_model_id) == (again.to_json(), again.fusion_model_id)


@pytest.mark.parametrize("side", [True, False])
def test_one_class_is_not_enough(made_up: ScoreTable, *, side: bool) -> None:
    """Tables of only mated or only non-mated rows are refused with the comparator's name and the count."""
    with pytest.raises(FieldInvalid, match=r"face-a: 0 (non-)?mated scores; at least 20"):
        fitted(made_up.rows(made_up.mated == side))


def test_too_few_mated_rows() -> None:
    """19 mated rows are refused, 20 are fitted."""
    with pytest.raises(FieldInvalid, match="19 mated scores"):
        fitted(gaussian_table(19, SHIFT))
    assert 20 == fitted(gaussian_table(20, SHIFT)).provenance.mated_count


def test_constant_scores_are_refused() -> None:
    """A comparator with one value for every non-mated row cannot be calibrated."""
    table = gaussian_table(30, SHIFT)
    scores = table.scores.copy()
    scores[~table.mated, 1] = 3.0
    with pytest.raises(FieldInvalid, match="c1: every non-mated score is 3"):
        fit_fusion(replace(table, scores=scores), PROVENANCE, progress=silent)


def test_distances_are_refused() -> None:
    """A comparator whose mated scores are lower is refused; an uninformative one is fitted, with LLRs near 0."""
    table = gaussian_table(60, SHIFT)
    with pytest.raises(FieldInvalid, match="c1: mated scores are lower than others"):
        fitted(replace(table, scores=table.scores * np.float32([1, -1])))
    useless = fitted(gaussian_table(100, (2.5, 0.0)))
    assert np.abs(useless.single_llr([[np.nan, 0.5]])[0, 1]) < 0.3


def test_thirteen_comparators() -> None:
    """Ten fingers, two eyes and a face have more patterns than can be calibrated, and all of them get an answer."""
    shift = (1.5,) * 13
    table = gaussian_table(80, shift)
    model = fitted(table)
    present = np.random.default_rng(1).random((300, 13)) < 0.5
    llr = model.llr(np.where(present, table.scores[:300], np.nan))
    assert np.isfinite(llr).all()
    assert (model.llr(table.scores[table.mated]) > 0.0).mean() > 0.95
