"""Every family of curves has strictly rising knots, and is near the true LLR where it is known."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from biometrics.calibration.curves import rising
from evaluation.calibration.families import FAMILIES
from evaluation.metrics.score_bins import tabulate

EVERY = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES.keys())


@EVERY
def test_gaussian_scores_give_their_analytic_llr(family):
    """Unit Gaussians at 3 and 6 have natural LLR 3x − 13.5; every family is near it where both have scores."""
    random = np.random.default_rng(1)
    knots = family(random.normal(6.0, 1.0, 5000), random.normal(3.0, 1.0, 20_000))
    grid = np.linspace(3.0, 6.0, 20)

    assert (3.0 * grid - 13.5) / log(10.0) == pytest.approx(rising(*knots, grid), abs=0.35)


@EVERY
@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30))
def test_knots_rise_strictly(family, mated, non_mated):
    """Knots rise strictly for any scores whose mated mean is higher by more than rounding."""
    assume(np.mean(mated) - np.mean(non_mated) > 1e-3)
    at, llr = family(np.asarray(mated), np.asarray(non_mated))

    assert at.size == llr.size >= 2
    assert np.isfinite([at, llr]).all()
    assert (np.diff(at) > 0.0).all()
    assert (np.diff(llr) > 0.0).all()


@given(st.lists(st.integers(-50, 50).map(float), min_size=1, max_size=300), st.lists(st.floats(-1.0, 1.0), min_size=1))
def test_a_table_counts_every_score_once(mated, non_mated):
    """Bins ascend and contain every score of both classes once."""
    table = tabulate(np.asarray(mated), np.asarray(non_mated))

    assert (len(mated), len(non_mated)) == (table.mated.sum(), table.non_mated.sum())
    assert (np.diff(table.at) > 0.0).all()
    assert 1.0 == pytest.approx(table.balanced.sum())
