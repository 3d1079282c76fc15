"""Fitting calibrations to scores whose LLR is known."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biometrics.calibration import Calibration
from biometrics.errors import FieldInvalid
from biometrics.information import cllr
from evaluation.fit import Provenance, fit, survival_knots
from evaluation.logistic import fit_affine
from evaluation.scores import Scored

PROVENANCE = Provenance("test-1", "model-1", "Made by the test", "2026-01-01", "none")


def scored(subjects: int = 60, samples: int = 4, shift: float = 3.0, seed: int = 1) -> Scored:
    """Unit Gaussian scores of all pairs of samples, mated ones around `shift`."""
    subject = np.repeat(np.arange(subjects), samples)
    first, second = (subject[side] for side in np.triu_indices(subject.size, 1))
    mated = first == second
    scores = np.random.default_rng(seed).normal(0.0, 1.0, mated.size) + shift * mated
    return Scored(scores, mated, first, second)


def test_gaussian_scores_give_their_analytic_llr():
    """Unit Gaussians at 0 and 3 have natural LLR 3x − 4.5, so slope and offset are those over ln 10."""
    calibration = fit(scored(subjects=100), PROVENANCE)

    assert "identity" == calibration.transform
    assert 3.0 / log(10.0) == pytest.approx(calibration.slope, rel=0.1)
    assert -4.5 / log(10.0) == pytest.approx(calibration.offset, rel=0.1)


def test_counts_and_provenance_are_kept():
    """60 subjects with 4 samples have 360 mated and 28,320 non-mated comparisons."""
    calibration = fit(scored(), PROVENANCE)

    assert (360, 28_320, 60, 5) == (
        calibration.mated_count,
        calibration.non_mated_count,
        calibration.subject_count,
        calibration.folds,
    )
    assert ("test-1", "model-1", "Made by the test") == (
        calibration.comparator_id,
        calibration.model_id,
        calibration.source,
    )


def test_unseen_scores_cost_little_more_than_the_minimum():
    """On a new set of people the Cllr is that of the folds, and near minCllr."""
    calibration = fit(scored(), PROVENANCE)
    new = scored(seed=2)

    assert calibration.cllr == pytest.approx(
        cllr(calibration.llr(new.scores[new.mated]), calibration.llr(new.scores[~new.mated])), abs=0.03
    )
    assert calibration.min_cllr <= calibration.cllr < calibration.min_cllr + 0.05


def test_the_observed_fmr_is_the_claimed_one():
    """At the score with claimed FMR 1 %, about 1 % of a new set of impostors match."""
    calibration = fit(scored(), PROVENANCE)
    new = scored(seed=2)
    claimed = calibration.fmr(new.scores[~new.mated])

    for rate in (0.1, 0.01, 0.001):
        assert rate == pytest.approx(float(np.mean(claimed <= rate)), rel=0.35)


def test_a_skewed_score_is_transformed():
    """Scores that are the square of Gaussian ones are straightened by a root or a logarithm before the affine step."""
    plain = scored(shift=4.0)
    skewed = Scored(np.maximum(plain.scores + 3.0, 0.0) ** 4, plain.mated, plain.first, plain.second)

    assert "identity" != fit(skewed, PROVENANCE).transform


def test_separable_scores_stay_within_the_counts():
    """Without any error the LLR ends at the bounds of the counts, the fit is finite, and no transform is chosen."""
    calibration = fit(scored(shift=100.0), PROVENANCE)

    assert "identity" == calibration.transform

    assert calibration.llr_max == calibration.llr(100.0)
    assert calibration.llr_min == calibration.llr(0.0)


@pytest.mark.parametrize("shift", [-3.0, 0.0])
def test_scores_that_say_nothing_or_the_reverse_give_no_evidence(shift):
    """The LLR never falls with the score, and useless scores get an LLR near 0."""
    calibration = fit(scored(shift=shift), PROVENANCE)

    assert 0.0 <= calibration.slope < 0.1
    assert np.abs(calibration.llr([-3.0, 0.0, 3.0])).max() < 0.3


def test_constant_scores_have_llr_zero():
    """One score for everything is no evidence, and its FMR is 1."""
    every = scored()
    calibration = fit(Scored(np.full(every.scores.size, 0.5), every.mated, every.first, every.second), PROVENANCE)

    assert 0.0 == calibration.llr(0.5)
    assert 1.0 == calibration.fmr(0.5)


@pytest.mark.parametrize("subjects", [3, 4])
def test_too_few_comparisons_are_refused(subjects):
    """18 or 24 mated comparisons: below 20 the count is named, and four people cannot fill five folds."""
    with pytest.raises(FieldInvalid, match=r"18 mated|too few subjects"):
        fit(scored(subjects=subjects), PROVENANCE)


def test_scores_that_are_not_finite_are_refused():
    """NaN is a missing comparison and has to be left out before."""
    every = scored()
    every.scores[3] = np.nan

    with pytest.raises(FieldInvalid, match="finite"):
        fit(every, PROVENANCE)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(-2.0, 60.0), st.sampled_from([1e-6, 1.0, 1e6]), st.integers(0, 3))
def test_any_fit_is_monotone_and_bounded(seed, shift, scale, decimals):
    """Whatever the scores, also tied ones: LLR rises, FMR falls, and neither leaves its bounds."""
    every = scored(subjects=20, samples=3, shift=shift, seed=seed)
    tied = Scored(np.round(every.scores, decimals) * scale, every.mated, every.first, every.second)
    calibration = fit(tied, PROVENANCE)
    grid = np.linspace(tied.scores.min() - scale, tied.scores.max() + scale, 400)
    llr, fmr = calibration.llr(grid), calibration.fmr(grid)

    assert (np.diff(llr) >= 0.0).all()
    assert (np.diff(fmr) <= 0.0).all()
    assert np.abs(llr).max() <= np.log10(calibration.non_mated_count / 3)
    assert fmr.min() >= 2.999 / calibration.non_mated_count
    assert calibration == Calibration.from_json(calibration.to_json())


@given(st.lists(st.integers(0, 50).map(float), min_size=1, max_size=200))
def test_survival_knots_are_counts(scores):
    """Each knot states the share of scores at or above it, but never less than 3/n."""
    at, level = survival_knots(np.asarray(scores))

    assert at.size <= 64
    assert min(scores) == at[0]
    for score, log_share in zip(at, level, strict=True):
        count = sum(each >= score for each in scores)
        assert max(count, min(3, len(scores))) / len(scores) == pytest.approx(10.0**log_share)


def test_affine_fit_weighs_both_classes_equally():
    """A hundredfold number of the same impostor scores does not move the fit."""
    random = np.random.default_rng(1)
    mated, non_mated = random.normal(2.0, 1.0, 500), random.normal(0.0, 1.0, 500)

    assert fit_affine(mated, non_mated) == pytest.approx(fit_affine(mated, np.tile(non_mated, 100)), rel=1e-6)
