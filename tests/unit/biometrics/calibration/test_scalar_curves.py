"""The scalar functions give the same results as those on arrays."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from biometrics.calibration import curves, dependence
from biometrics.calibration import scalar_curves as single
from biometrics.calibration.score_calibration import FEW, Calibration
from infra.calibrations import load_all
from tests.unit.biometrics.calibration.made_up_calibrations import AWARE, BENT, CALIBRATION, STEEP

ROUNDING = 1e-12

numbers = st.floats(allow_nan=True, allow_infinity=True)
near = st.floats(-3.0, 3.0)
qualities = st.one_of(st.none(), st.just(nan), st.floats(0.0, 100.0))
ordered = st.floats(allow_nan=False) | near
knots = st.lists(st.floats(-5.0, 5.0), min_size=1, max_size=6, unique=True).map(sorted)


@pytest.mark.parametrize(
    "calibration", [CALIBRATION, BENT, STEEP, AWARE, *load_all().values()], ids=lambda each: each.comparator_id
)
@given(score=st.one_of(numbers, near, st.floats(-1.0, 60.0)), quality=qualities)
def test_one_comparison_is_one_of_many(calibration: Calibration, score: float, quality: float | None) -> None:
    """A score has the same LLR and FMR alone as among others, for any score and quality."""
    alone = calibration.comparison(score, quality)
    among = calibration.comparisons([score] * (FEW + 1), quality)[0]
    assert pytest.approx(among.llr, abs=ROUNDING, nan_ok=True) == alone.llr
    assert pytest.approx(among.fmr, rel=ROUNDING, nan_ok=True) == alone.fmr
    assert (pytest.approx(score, nan_ok=True), calibration.comparator_id) == (alone.score, alone.comparator_id)


@given(at=knots, value=numbers | near, data=st.data())
def test_a_curve_of_one_value(at: list[float], value: float, data: st.DataObject) -> None:
    """Scalar and array curves are equal to the last bit, rising or falling, at knots and outside them."""
    level = sorted(data.draw(st.lists(near, min_size=len(at), max_size=len(at))), reverse=data.draw(st.booleans()))
    for each in (value, *at):
        expected = float(curves.through_knots(at, level, np.array(each)))
        assert np.array_equal(expected, single.through_knots(at, level, each), equal_nan=True)


@given(scores=st.tuples(ordered, ordered))
@example(scores=(0.3, float(np.nextafter(0.3, 1.0))))
def test_a_higher_score_is_never_worth_less(scores: tuple[float, float]) -> None:
    """LLRs keep the order of their scores, also after rounding."""
    low, high = map(BENT.comparison, sorted(scores))
    assert low.llr <= high.llr
    assert low.fmr >= high.fmr


@given(llrs=st.lists(st.floats(-9.0, 9.0), min_size=1, max_size=12), rho=st.floats(0.0, 1.0))
@example(llrs=[2.0, 2.0, -1.0, 0.0, -1.0], rho=0.5)
def test_positions_add_up_alike(llrs: list[float], rho: float) -> None:
    """Each position's weighted LLR is the same in floats as in arrays, to the last bit, also with equal LLRs."""
    assert dependence.of_positions(llrs, rho).tolist() == single.of_positions(llrs, rho)


def test_bounds_hold_for_one_value() -> None:
    """Infinite LLRs get the bounds."""
    assert [-2.0, 3.0] == pytest.approx([single.contaminated(each, -2.0, 3.0) for each in (-inf, inf)])
