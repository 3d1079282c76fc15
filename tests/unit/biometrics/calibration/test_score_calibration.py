"""Calibration: strictly monotone, bounded by its counts, and stable as text."""

from __future__ import annotations

from dataclasses import replace
from math import inf, log10, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.calibration.llr_bounds import contaminated, llr_bounds
from biometrics.comparison import Comparison
from tests.unit.biometrics.calibration.made_up_calibrations import AWARE, BENT, CALIBRATION, STEEP

LOW, HIGH = llr_bounds(300, 3000)


def test_bounds_follow_the_rule_of_three():
    """300 mated and 3,000 non-mated comparisons support LRs from 1/100 to 1,000; three support only LR 1."""
    assert (-2.0, 3.0) == pytest.approx((LOW, HIGH))
    assert (0.0, 0.0) == llr_bounds(3, 3)
    assert (0.0, 0.0) == llr_bounds(0, 1)


def test_llr_is_linear_between_and_beyond_the_knots():
    """The curve is one line between and outside knots at 0.3 and 0.5; near LR 1 the bounds change it little."""
    assert [-1.0, 0.0, 1.0] == pytest.approx(CALIBRATION.llr([0.3, 0.4, 0.5]).tolist(), abs=0.05)
    assert contaminated(np.asarray([-2.0, 2.0]), LOW, HIGH) == pytest.approx(CALIBRATION.llr([0.2, 0.6]))


def test_bounds_are_those_of_contaminated_densities():
    """LR' = (LR + 1/A) / (1 + LR/B): an LR of 1/A becomes 2/A, and one of B becomes B/2."""
    assert [log10(2.0) + LOW, HIGH - log10(2.0)] == pytest.approx(
        contaminated(np.asarray([LOW, HIGH]), LOW, HIGH).tolist(), abs=1e-4
    )


@given(st.integers(4, 10**7), st.integers(4, 10**7), st.lists(st.floats(allow_nan=False), min_size=2, max_size=30))
def test_contaminated_ratios_keep_their_order_and_the_bounds(mated, non_mated, llrs):
    """Bounded LLRs keep their order and stay within the bounds, to the last bit, for any ratios and counts."""
    low, high = llr_bounds(mated, non_mated)
    bounded = contaminated(np.sort(llrs), low, high)

    assert (np.diff(bounded) >= 0.0).all()
    assert ((bounded >= low) & (bounded <= high)).all()


@given(st.sampled_from([CALIBRATION, BENT, AWARE, STEEP]), st.sampled_from([None, 0.0, 30.0, 60.0, 100.0]))
def test_llr_rises_strictly(calibration, quality):
    """A higher score has a higher LLR, also outside the knots and at every quality."""
    assert (np.diff(calibration.llr(np.linspace(0.1, 0.9, 500), quality)) > 0.0).all()


@given(
    st.sampled_from([STEEP, replace(AWARE, llrs=(1.0, 3.0))]), st.floats(-1.0, 2.0), st.sampled_from([None, 0.0, 99.0])
)
def test_no_llr_claims_more_than_the_fmr(calibration, score, quality):
    """At every quality, at most 10^-t of non-mated comparisons reach an LLR of t, where the claimed FMRs hold."""
    found = calibration.comparison(score, quality)

    assert found.llr <= -log10(found.fmr) + 1e-12
    assert calibration.llr_max == pytest.approx(-log10(calibration.lowest_fmr))


def test_the_quality_of_the_probe_changes_the_llr():
    """The LLR becomes 0.5 · LLR − 0.5 at quality 20, 1.5 · LLR + 0.5 at 60, and stays as it is half-way."""
    at_one = contaminated(np.asarray([0.0, 0.0, 1.0, 2.0, 2.0]), LOW, HIGH)

    assert at_one.tolist() == pytest.approx(AWARE.llr([0.5] * 5, [0.0, 20.0, 40.0, 60.0, 100.0]).tolist())


def test_an_unknown_quality_leaves_the_curve_of_the_score_alone():
    """Quality None or NaN gives the curve without quality; a calibration without an effect ignores the quality."""
    blind = CALIBRATION.llr([0.2, 0.5]).tolist()

    assert blind == AWARE.llr([0.2, 0.5]).tolist()
    assert blind == AWARE.llr([0.2, 0.5], [nan, nan]).tolist()
    assert blind == CALIBRATION.llr([0.2, 0.5], 10.0).tolist()
    assert AWARE.comparison(0.5, 60.0).llr > CALIBRATION.comparison(0.5, 60.0).llr


def test_fmr_is_log_linear_between_the_knots():
    """Half-way between the knots of 10 % and 0.1 % the FMR is 1 %; outside it is 1, or the lowest FMR claimed."""
    assert [1.0, 1.0, 0.1, 0.01, 0.001, 0.001] == pytest.approx(
        CALIBRATION.fmr([-1.0, 0.0, 0.2, 0.35, 0.5, 9.0]).tolist()
    )


def test_a_comparison_carries_llr_and_fmr():
    """One score becomes a Comparison whose values are plain floats."""
    found = CALIBRATION.comparison(0.5)

    assert Comparison(0.5, pytest.approx(1.0, abs=0.05), pytest.approx(0.001), "test-1") == found
    assert [float, float, float] == [type(value) for value in (found.score, found.llr, found.fmr)]


def test_infinite_scores_get_the_bounds_and_nan_stays():
    """Scores of ±inf get the bounding LLRs, and NaN stays NaN."""
    assert [LOW, HIGH] == pytest.approx(CALIBRATION.llr([-inf, inf]).tolist())
    assert [1.0, 0.001] == pytest.approx(CALIBRATION.fmr([-inf, inf]).tolist())
    assert np.isnan([CALIBRATION.llr(nan), CALIBRATION.fmr(nan)]).all()


def test_shapes_are_kept():
    """A table of scores gives a table of LLRs and FMRs, in float64."""
    table = np.zeros((2, 3), np.float32)

    assert ((2, 3), np.float64) == (CALIBRATION.llr(table).shape, CALIBRATION.llr(table).dtype)
    assert ((2, 3), np.float64) == (CALIBRATION.fmr(table).shape, CALIBRATION.fmr(table).dtype)


@given(st.sampled_from([CALIBRATION, BENT, AWARE]), st.lists(st.floats(allow_nan=False), min_size=2, max_size=20))
def test_llr_and_fmr_are_monotone_and_bounded(calibration, scores):
    """A higher score never has a lower LLR or a higher FMR, and neither leaves its bounds."""
    rising = np.sort(scores)
    llr, fmr = calibration.llr(rising), calibration.fmr(rising)

    assert (np.diff(llr) >= 0.0).all()
    assert (np.diff(fmr) <= 0.0).all()
    assert ((llr >= LOW) & (llr <= HIGH)).all()
    assert ((fmr >= 0.999e-3) & (fmr <= 1.0)).all()


@given(st.lists(st.floats(-0.1, 0.6), min_size=2, max_size=50))
def test_fmr_is_monotone_between_the_knots(scores):
    """The FMR falls with the score also where it is interpolated, to the last bit."""
    assert (np.diff(CALIBRATION.fmr(np.sort(scores))) <= 0.0).all()
