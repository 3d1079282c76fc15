"""Calibration measured on LLRs that are exact, too large, or missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evaluation.report.findings import calibration
from evaluation.report.findings.outcome import columns
from tests.unit.evaluation.report.made import fmr_claimed, gaussian, without


def measured(outcome, place=0):
    """The calibration of one column."""
    return calibration.measure(outcome, columns(outcome)[place])


def test_exact_llrs_have_no_excess_cost():
    """Cllr is within 5 % of minCllr, and the recalibrated LLR is the claimed one."""
    found = measured(gaussian(200, (2.0,)))
    claimed, anew = found.recalibrated
    middle = np.abs(claimed) < 0.7

    assert 0.0 <= found.excess < 0.05
    assert np.all(np.abs(claimed - anew)[middle] < 0.3)


def test_the_observed_fmr_is_that_of_the_distribution():
    """At LLR 1 and 2 of a Gaussian pair, the interval of the observed FMR contains the closed-form value."""
    found = measured(gaussian(200, (2.0,)))
    for point in found.observed[:2]:
        assert fmr_claimed(point.claimed, 2.0) == pytest.approx(point.rate.value, rel=0.05)
        assert point.rate.interval.low <= point.rate.value <= point.rate.interval.high


def test_claims_with_too_few_rows_are_not_shown():
    """2450 non-mated rows are enough for a claim of 1e-2, but not for one of 1e-3 or less."""
    found = measured(gaussian(50, (2.0,)))
    assert [True, True, False, False, False] == [point.rate is not None for point in found.observed]
    assert np.all(10.0 ** -found.reliability[0] * 2450 >= 3.0 - 1e-6)


def test_too_large_llrs_cost_more_and_miss_their_claim():
    """With non-mated LLRs raised by 3, the observed FMR is above the claimed 10 %, and Cllr far above minCllr."""
    outcome = gaussian(100, (2.0,))
    found = measured(replace(outcome, single_llr=outcome.single_llr + np.float32(3.0)))

    assert found.observed[0].rate.value > 0.1
    assert found.excess > 1.0


def test_rows_without_a_score_are_left_out():
    """The Cllr of the half that was compared equals that of the whole; the missing half does not pull it to one bit."""
    outcome = gaussian(100, (2.0, 2.0))
    half = without(outcome, np.random.default_rng(1).permutation(10000)[:5000], [0, 1])
    assert measured(outcome, 2).cllr == pytest.approx(measured(half, 2).cllr, abs=0.06)


def test_separated_llrs_have_no_ratio():
    """Where minCllr is 0, the ratio Cllr / minCllr is None."""
    found = measured(gaussian(30, (40.0,)))
    assert (0.0, None) == (found.min_cllr, found.excess)
