"""EER, FNMR and DET of Gaussian scores."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from evaluation.report.findings import errors
from evaluation.report.findings.outcome import Column, columns
from tests.unit.evaluation.report.made import fnmr_at, gaussian, without


def test_rates_are_those_of_the_distributions():
    """At a distance of 3 the EER is Φ(−1.5), and the FNMR at FMR 1 % and 0.1 % follows from the normal deviate."""
    outcome = gaussian(150, (3.0,))
    found = errors.measure(outcome, columns(outcome)[0], (1e-2, 1e-3))

    assert ndtr(-1.5) == pytest.approx(found.eer, abs=0.01)
    assert [fnmr_at(fmr, 3.0) for fmr in (1e-2, 1e-3)] == pytest.approx(
        [point.fnmr.value for point in found.points], abs=0.01
    )
    for point in found.points:
        assert point.fnmr.interval.low < point.fnmr.value < point.fnmr.interval.high


def test_the_det_curve_lies_in_its_band():
    """At each FMR of the band, the curve's FNMR is between the limits; curve and band are thinned."""
    outcome = gaussian(150, (2.0,))
    found = errors.measure(outcome, columns(outcome)[0], (1e-2,))
    fmr, fnmr = found.det
    at = np.interp(np.log(found.band[0]), np.log(fmr[::-1]), fnmr[::-1])

    assert found.det.shape[1] <= 400
    assert np.all(found.band[1] - 0.02 <= at)
    assert np.all(at <= found.band[2] + 0.02)


def test_fusing_is_better_than_either():
    """The sum of two independent exact LLRs has the distance √(2² + 3²)."""
    outcome = gaussian(150, (2.0, 3.0))
    found = errors.measure(outcome, columns(outcome)[2], (1e-2,))

    assert "fused" == found.name
    assert fnmr_at(1e-2, 13.0**0.5) == pytest.approx(found.points[0].fnmr.value, abs=0.03)


def test_a_mated_row_that_was_not_compared_is_a_non_match():
    """With 30 of 60 mated rows missing the FNMR is at least 50 %, and the FNMR of the others is given too."""
    outcome = gaussian(60, (6.0, 3.0))
    rows = np.flatnonzero(outcome.mated)[:30]
    found = errors.measure(outcome, columns(without(outcome, rows, [0]))[0], (1e-2,))

    assert (60, 30, 3540) == (found.mated, found.mated_missing, found.non_mated)
    assert (30, 0.0) == (found.points[0].fnmr.errors, found.points[0].fnmr_compared)


def test_non_mated_rows_that_were_not_compared_are_left_out():
    """Non-mated rows without a score are not in the count of the FMR and do not lower it."""
    outcome = gaussian(60, (3.0, 3.0))
    rows = np.flatnonzero(~outcome.mated)[:540]
    found = errors.measure(outcome, columns(without(outcome, rows, [0]))[0], (1e-2,))

    assert (3000, 540) == (found.non_mated, found.non_mated_missing)


def test_an_fmr_with_too_few_rows_has_no_rate():
    """3540 non-mated rows are enough for FMR 1e-3, but not for 1e-4."""
    outcome = gaussian(60)
    points = errors.measure(outcome, columns(outcome)[0], (1e-3, 1e-4)).points

    assert points[0].fnmr is not None
    assert (None, None) == (points[1].fnmr, points[1].threshold)


def test_equal_scores_at_the_threshold_do_not_match():
    """The threshold lies just above a non-mated score, even where both classes share the highest float32."""
    outcome = gaussian(40, (3.0,))
    clipped = np.minimum(outcome.scores, np.float32(0.1))
    found = errors.measure(outcome, Column("clipped", clipped[:, 0], clipped[:, 0]), (1e-2,))

    assert 40 == found.points[0].fnmr.errors


def test_a_comparator_that_compared_nothing_has_no_rates():
    """A column with all cells missing has no rates."""
    outcome = gaussian(20)
    every = columns(without(outcome, np.arange(400), [1]))

    assert errors.measure(outcome, every[1], (1e-1,)) is None
