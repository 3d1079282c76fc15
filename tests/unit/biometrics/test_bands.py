"""Confidence bands of DET curves."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from biometrics.bands import error_band
from biometrics.bootstrap import Comparisons, bootstrap
from tests.unit.biometrics.test_bootstrap import compare_all


def test_the_band_is_the_interval_at_each_fmr():
    """EER and FNMR limits are those of `bootstrap`, up to the chance of the draws."""
    sides = compare_all(60, 4, 1)
    band, points = error_band(*sides, (1e-1, 1e-2)), bootstrap(*sides, (1e-1, 1e-2), replicates=500)

    assert (points.eer.low, points.eer.high) == pytest.approx((band.eer.low, band.eer.high), abs=0.01)
    assert [each.low for each in points.fnmr] == pytest.approx(band.low.tolist(), abs=0.02)
    assert [each.high for each in points.fnmr] == pytest.approx(band.high.tolist(), abs=0.02)


def test_the_band_falls_as_the_fmr_rises():
    """Both limits, and the lower one is never above the upper one."""
    band = error_band(*compare_all(40, 3, 2), np.geomspace(1e-3, 0.6, 30), replicates=100)

    assert np.all(np.diff(band.low) <= 0.0)
    assert np.all(band.low <= band.high)


def test_failed_genuine_comparisons_hold_the_band_up():
    """All comparisons of a tenth of the people failed: about 10 % at every FMR."""
    genuine, impostor = compare_all(50, 3, 1, shift=50.0)
    failed = Comparisons(np.where(genuine.first < 5, -inf, genuine.scores), genuine.first, genuine.second)
    band = error_band(failed, impostor, (1e-2, 0.5), replicates=300)

    assert np.all((0.0 < band.low) & (band.low < 0.1) & (0.1 < band.high) & (band.high < 0.3))


def test_no_errors_leave_the_rule_of_three():
    """The upper limit is 3 over the number of people."""
    band = error_band(*compare_all(60, 3, 1, shift=50.0), (1e-2,), replicates=20)
    assert ([0.0], [0.05]) == (band.low.tolist(), pytest.approx(band.high.tolist()))
