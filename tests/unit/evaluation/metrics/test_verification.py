"""Error rates against hand counts and against the closed form for Gaussian scores."""

from __future__ import annotations

from math import inf, nan
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.metrics.verification import (
    carries,
    det_points,
    equal_error_rate,
    error_curve,
    fnmr_at,
    fnmr_at_fmr,
    threshold_at_fmr,
)

SCORES = st.lists(st.integers(-3, 3).map(float), min_size=1, max_size=30)


def gaussian(count: int, mean: float, seed: int) -> np.ndarray:
    """Gaussian scores with standard deviation 1."""
    return np.random.default_rng(seed).normal(mean, 1.0, count)


def test_curve_counts_scores_at_the_threshold_as_matches():
    """A score equal to the threshold matches, mated or non-mated."""
    curve = error_curve([1.0, 2.0, 2.0, 3.0], [0.0, 1.0, 2.0])

    assert [0.0, 1.0, 2.0, 3.0, inf] == curve.thresholds.tolist()
    assert [1.0, 2 / 3, 1 / 3, 0.0, 0.0] == curve.fmr.tolist()
    assert [0.0, 0.0, 0.25, 0.75, 1.0] == curve.fnmr.tolist()


def test_eer_is_where_the_rates_meet():
    """With one third of each side in error at one threshold, the EER is one third."""
    assert 1 / 3 == pytest.approx(equal_error_rate(error_curve([1.0, 2.0, 3.0], [0.0, 1.0, 2.0])))


def test_eer_is_interpolated_between_neighbouring_thresholds():
    """Between (FMR 0.5, FNMR 0) and (FMR 0, FNMR 0.25) the straight line meets the diagonal at 1/6."""
    curve = error_curve([2.0, 2.0, 2.0, 1.0], [0.0, 1.0])

    assert 1 / 6 == pytest.approx(equal_error_rate(curve))


@pytest.mark.parametrize(
    ("mated", "non_mated", "expected"),
    [([2.0, 3.0], [0.0, 1.0], 0.0), ([0.0, 1.0], [2.0, 3.0], 1.0), ([1.0, 1.0], [1.0], 0.5)],
)
def test_eer_of_extreme_sets(mated, non_mated, expected):
    """Separable scores give 0, reversed ones 1, and one score for all gives one half."""
    assert expected == pytest.approx(equal_error_rate(error_curve(mated, non_mated)))


def test_eer_of_gaussians_is_the_analytic_one():
    """Two unit Gaussians two deviations apart have an EER of Φ(−1)."""
    curve = error_curve(gaussian(200_000, 2.0, 1), gaussian(200_000, 0.0, 2))

    assert NormalDist().cdf(-1.0) == pytest.approx(equal_error_rate(curve), abs=0.002)


def test_fnmr_at_fmr_of_gaussians_is_the_analytic_one():
    """FNMR at FMR 1 % is Φ(z − 2), z being the non-mated 99 % quantile."""
    expected = NormalDist().cdf(NormalDist().inv_cdf(0.99) - 2.0)

    assert expected == pytest.approx(fnmr_at_fmr(gaussian(200_000, 2.0, 1), gaussian(200_000, 0.0, 2), 0.01), abs=0.005)


def test_failed_mated_comparisons_are_errors_at_every_threshold():
    """Half of the mated comparisons could not be made, so no threshold has an FNMR below one half."""
    curve = error_curve([-inf, 5.0], [0.0, 1.0, 2.0, 3.0])

    assert 0.5 == curve.fnmr.min()
    assert 0.5 == fnmr_at([-inf, 5.0], -inf)
    assert np.isfinite(curve.thresholds[:-1]).all()


def test_fnmr_is_none_with_too_few_non_mated_comparisons():
    """299 non-mated comparisons cannot show an FMR of 1 %, 300 can."""
    assert fnmr_at_fmr([1.0], np.zeros(299), 0.01) is None
    assert 0.0 == fnmr_at_fmr([1.0], np.zeros(300), 0.01)
    assert [False, True] == [carries(299, 0.01), carries(300, 0.01)]


def test_threshold_lies_just_above_the_first_non_mated_that_must_not_match():
    """One of four non-mated comparisons may match, so the threshold is above the second-highest score, held by two."""
    threshold = threshold_at_fmr([3.0, 2.0, 2.0, 1.0], 0.25)

    assert 2.0 < threshold < 2.0 + 1e-9
    assert -inf == threshold_at_fmr([1.0], 1.0)


@pytest.mark.parametrize(
    ("mated", "non_mated"), [([], [1.0]), ([1.0], []), ([nan], [1.0]), ([1.0], [-inf]), ([inf], [1.0])]
)
def test_scores_that_cannot_be_counted_are_refused(mated, non_mated):
    """An empty side, NaN and infinities other than a failed mated comparison are programming errors."""
    with pytest.raises(ValueError, match="score"):
        error_curve(mated, non_mated)


@given(SCORES, SCORES)
def test_rates_agree_with_counting(mated, non_mated):
    """Every point of the curve equals a plain count over the scores."""
    curve = error_curve(mated, non_mated)

    for threshold, fmr, fnmr in zip(curve.thresholds, curve.fmr, curve.fnmr, strict=True):
        assert sum(score >= threshold for score in non_mated) / len(non_mated) == fmr
        assert sum(score < threshold for score in mated) / len(mated) == fnmr


@given(SCORES, st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0]))
def test_the_threshold_is_the_lowest_that_keeps_the_target(non_mated, target):
    """The FMR at the threshold is within the target, and a threshold one step lower exceeds it."""
    threshold = threshold_at_fmr(non_mated, target)
    scores = np.asarray(non_mated)

    assert np.mean(scores >= threshold) <= target
    assert threshold == -inf or np.mean(scores >= np.nextafter(threshold, -inf)) > target


def test_det_points_keep_the_curve_and_are_few():
    """A curve of 100,000 thresholds is drawn from points that all lie on it, fewer than 3,000."""
    curve = error_curve(gaussian(50_000, 2.0, 1), gaussian(50_000, 0.0, 2))
    fmr, fnmr = det_points(curve)
    on_curve = set(zip(curve.fmr.tolist(), curve.fnmr.tolist(), strict=True))

    assert set(zip(fmr.tolist(), fnmr.tolist(), strict=True)) <= on_curve
    assert 500 < fmr.size < 3_000
    assert curve.fmr[curve.fnmr > 0].max() == fmr[0]


def test_det_of_separable_scores_has_no_points():
    """Where no threshold has both errors there is nothing to draw."""
    assert [0, 0] == [side.size for side in det_points(error_curve([2.0], [1.0]))]


def test_float32_scores_equal_to_the_excluded_non_mated_do_not_match():
    """The threshold just above a score is not rounded back onto it."""
    clipped = np.full(10, 0.1, np.float32)
    assert 1.0 == fnmr_at_fmr(clipped, np.append(clipped, np.zeros(90, np.float32)), 0.05)
