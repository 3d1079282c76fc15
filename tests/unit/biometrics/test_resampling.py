"""Counts in replicates of the set of subjects."""

from __future__ import annotations

import numpy as np
import pytest

from biometrics.bootstrap import Interval
from biometrics.resampling import Cells, interval_of, percentiles, resample


def test_both_subjects_weigh_a_comparison_and_one_subject_weighs_once():
    """Replicates of one-person rows add up to the people drawn; a pair counts as the product of its two draws."""
    people = np.arange(5)
    alone = resample(Cells(people, people, people, 5), 5, replicates=20)
    pair = resample(Cells(np.zeros(1, int), np.array([0]), np.array([1]), 1), 5, replicates=20)

    assert np.all(alone.sum(axis=1) == 5.0)
    assert np.array_equal(pair[:, 0], alone[:, 0] * alone[:, 1])


def test_thinned_cells_keep_their_weight():
    """With 4000 of 10000 comparisons a rate's limits move by less than a tenth, and the rare cell is kept whole."""
    random = np.random.default_rng(1)
    first, second = (each.ravel() for each in np.meshgrid(np.arange(100), np.arange(100)))
    cell = (random.random(first.size) < 0.05 + 0.002 * (first % 10)).astype(int)
    whole, part = (resample(Cells(cell, first, second, 2), 100, rows=rows) for rows in (10_000, 4_000))
    (low, high), (thin_low, thin_high) = (
        percentiles((each[:, 1] / each.sum(axis=1))[:, None]) for each in (whole, part)
    )

    assert np.array_equal(whole[:, 1], part[:, 1])
    assert (low[0], high[0]) == pytest.approx((thin_low[0], thin_high[0]), rel=0.1)


def test_no_error_leaves_the_rule_of_three():
    """0 to 3/n, also where no replicate has any comparison."""
    assert Interval(0.0, 0.03) == interval_of(np.zeros(9), np.ones(9), 0, 100)
    assert Interval(0.0, 1.0) == interval_of(np.zeros(9), np.zeros(9), 1, 2)


def test_percentiles_leave_out_replicates_without_a_value():
    """NaN counts in no limit, and a column of NaN has none."""
    low, high = percentiles(np.array([[0.0, np.nan], [1.0, np.nan], [np.nan, np.nan]]), level=1.0)

    assert (0.0, 1.0) == (low[0], high[0])
    assert np.isnan([low[1], high[1]]).all()
