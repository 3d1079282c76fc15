"""Fitting calibrations to scores whose LLR is known."""

from __future__ import annotations

from dataclasses import replace
from math import log

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from biometrics.calibration.score_calibration import Calibration
from evaluation.calibration.choice import choose
from evaluation.calibration.families import FAMILIES
from evaluation.calibration.logistic import fit_affine
from evaluation.data.scores import Scored
from evaluation.metrics.cllr import cllr
from tests.unit.evaluation.calibration.gaussian_scores import fit, scored


def test_gaussian_scores_give_their_analytic_llr():
    """Unit Gaussians at 0 and 3 have natural LLR 3x − 4.5: the affine family is chosen, with that line."""
    calibration = fit(scored(subjects=100))
    slope, offset = np.polyfit(calibration.scores, calibration.llrs, 1)

    assert ("affine", 2) == (calibration.family, len(calibration.scores))
    assert 3.0 / log(10.0) == pytest.approx(slope, rel=0.1)
    assert -4.5 / log(10.0) == pytest.approx(offset, rel=0.1)


def test_counts_and_provenance_are_kept():
    """60 subjects with 4 samples have 360 mated and 28,320 non-mated comparisons."""
    calibration = fit(scored())

    assert (360, 28_320, 60, 5) == (
        calibration.mated_count,
        calibration.non_mated_count,
        calibration.people_count,
        calibration.folds,
    )
    assert 200 < calibration.effective_mated_count <= 360
    assert 14_000 < calibration.effective_non_mated_count <= 28_320
    assert ("test-1", "model-1", "Made by the test") == (
        calibration.comparator_id,
        calibration.model_id,
        calibration.source,
    )


def test_unseen_scores_cost_little_more_than_the_minimum():
    """On a new set of people the Cllr is close to that of cross-validation, and to minCllr."""
    calibration = fit(scored())
    new = scored(seed=2)

    assert calibration.cllr == pytest.approx(
        cllr(calibration.llr(new.scores[new.mated]), calibration.llr(new.scores[~new.mated])), abs=0.03
    )
    assert calibration.min_cllr <= calibration.cllr < calibration.min_cllr + 0.05


def test_the_observed_fmr_is_not_above_the_claimed_one():
    """New non-mated comparisons match at most at the claimed rate, and at most 10^-t of them reach an LLR of t."""
    calibration = fit(scored())
    non_mated = scored(seed=2).part(~scored(seed=2).mated).scores
    claimed, llr = calibration.fmr(non_mated), calibration.llr(non_mated)

    assert 0.0 < np.mean(claimed <= 0.1)
    for rate in (0.1, 0.01, 0.001):
        assert np.mean(claimed <= rate) <= rate
        assert np.mean(llr >= -np.log10(rate)) <= rate


def test_a_skewed_score_is_straightened():
    """For powers of Gaussian scores a family beyond affine is chosen; the Cllr of all families is recorded."""
    plain = scored(shift=4.0)
    skewed = replace(plain, scores=np.maximum(plain.scores + 3.0, 0.0) ** 4)
    calibration = fit(skewed)

    assert "affine" != calibration.family
    assert list(FAMILIES) == list(calibration.cllr_by_family)
    assert calibration.cllr == calibration.cllr_by_family[calibration.family] < calibration.cllr_by_family["affine"]


def test_separable_scores_stay_within_the_counts():
    """Without errors LLRs end near the bounds by counts, and the simplest family is chosen."""
    calibration = fit(scored(shift=100.0))

    assert "affine" == calibration.family
    assert calibration.llr_max == pytest.approx(float(calibration.llr(100.0)), abs=0.05)
    assert calibration.llr_min == pytest.approx(float(calibration.llr(0.0)), abs=0.05)


def test_scores_far_above_every_non_mated_keep_their_order():
    """Even where the curve is very steep, the LLR rises from one mated score to the next."""
    every = scored(shift=8.0)
    every.scores[np.flatnonzero(every.mated)[:20]] = np.linspace(12.0, 60.0, 20)

    assert (np.diff(fit(every).llr(np.linspace(10.0, 60.0, 50))) > 0.0).all()


def test_scores_that_hardly_differ_by_class_get_an_llr_near_0():
    """Scores whose distributions are almost equal for both classes give LLRs near 0."""
    assert np.abs(fit(scored(shift=0.05)).llr([-3.0, 0.0, 3.0])).max() < 0.3


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(-2.0, 60.0), st.sampled_from([1e-6, 1.0, 1e6]), st.integers(0, 3))
def test_any_fit_is_monotone_and_bounded(seed, shift, scale, decimals):
    """For any scores, tied ones too, LLR rises with the score, FMR falls, and both stay within their bounds."""
    every = scored(subjects=20, samples=3, shift=shift, seed=seed)
    tied = replace(every, scores=np.round(every.scores, decimals) * scale)
    assume(tied.scores[tied.mated].mean() > tied.scores[~tied.mated].mean())
    calibration = fit(tied)
    grid = np.linspace(tied.scores.min() - scale, tied.scores.max() + scale, 400)
    llr, fmr = calibration.llr(grid), calibration.fmr(grid)

    assert (np.diff(llr) >= 0.0).all()
    assert (np.diff(fmr) <= 0.0).all()
    assert (llr <= -np.log10(fmr) + 1e-9).all()
    assert fmr.min() >= 2.999 / calibration.effective_non_mated_count
    assert calibration == Calibration.from_json(calibration.to_json())


def test_affine_fit_weighs_both_classes_equally():
    """Repeating the non-mated scores a hundred times does not change the fit."""
    random = np.random.default_rng(1)
    mated, non_mated = random.normal(2.0, 1.0, 500), random.normal(0.0, 1.0, 500)

    assert fit_affine(mated, non_mated) == pytest.approx(fit_affine(mated, np.tile(non_mated, 100)), rel=1e-6)


def test_a_less_simple_family_needs_a_gain():
    """A family is chosen over simpler ones only if its Cllr is lower by 2 % and 0.001 bits."""
    assert "a" == choose({"a": 0.100, "b": 0.0985})
    assert "b" == choose({"a": 0.100, "b": 0.0975, "c": 0.0970})
    assert "a" == choose({"a": 0.0015, "b": 0.0006})


def with_quality(effect: float, seed: int = 1) -> Scored:
    """Gaussian scores whose mated shift falls by `effect` with one sample's quality; the other's is unknown."""
    every = scored(subjects=80, seed=seed)
    random = np.random.default_rng(seed + 1)
    quality = random.uniform(0.0, 100.0, every.first.size)
    shift = np.where(every.mated, 3.0 - effect * (1.0 - quality / 100.0), 0.0)
    scores = random.normal(0.0, 1.0, quality.size) + shift
    qualities = np.stack((quality, np.full(quality.size, np.nan)), axis=1)
    return replace(every, scores=scores, qualities=qualities)


def test_a_quality_that_predicts_is_used():
    """A low score of a poor probe gives a less negative LLR, and Cllr is lower than with the score alone."""
    calibration = fit(with_quality(3.0))

    assert calibration.quality is not None
    assert calibration.cllr < calibration.cllr_by_family[calibration.family]
    assert calibration.llr(-1.0, 5.0) > calibration.llr(-1.0, 95.0)


def test_a_quality_that_does_not_predict_is_not_used():
    """A random quality lowers Cllr by less than 2 % and is not used."""
    assert fit(with_quality(0.0)).quality is None
