"""Calibration: monotone, bounded by its counts, and stable as text."""

from __future__ import annotations

import json
from dataclasses import replace
from math import inf, log10, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.calibration import TRANSFORMS, Calibration, llr_bounds
from biometrics.comparison import Comparison
from biometrics.errors import ConfigurationInvalid

LOW, HIGH = llr_bounds(300, 3000)
CALIBRATION = Calibration(
    comparator_id="test-1",
    model_id="model-1",
    transform="identity",
    slope=10.0,
    offset=-4.0,
    llr_min=LOW,
    llr_max=HIGH,
    fmr_scores=(0.0, 0.2, 0.5),
    fmr_log10=(0.0, -1.0, -3.0),
    mated_count=300,
    non_mated_count=3000,
    subject_count=30,
    folds=5,
    cllr=0.1,
    min_cllr=0.09,
    source="Made by the test",
    date="2026-01-01",
    command="none",
)
CALIBRATIONS = [replace(CALIBRATION, transform=name) for name in TRANSFORMS]


def test_bounds_follow_the_rule_of_three():
    """300 genuine and 3,000 impostor comparisons carry LRs from 1/100 to 1,000; three carry none."""
    assert (-2.0, 3.0) == pytest.approx((LOW, HIGH))
    assert (0.0, 0.0) == llr_bounds(3, 3)
    assert (0.0, 0.0) == llr_bounds(0, 1)


def test_llr_is_affine_between_its_bounds():
    """Slope 10 and offset −4 give 1 at 0.5, and the bounds far outside."""
    assert [LOW, -1.0, 1.0, HIGH] == pytest.approx(CALIBRATION.llr([-9.0, 0.3, 0.5, 9.0]).tolist())


@pytest.mark.parametrize(("transform", "expected"), [("identity", 0.3), ("log1p", np.log1p(0.3)), ("sqrt", 0.3**0.5)])
def test_transforms_come_before_the_affine_step(transform, expected):
    """The LLR is affine in the transformed score, with the sign of negative scores kept."""
    calibration = replace(CALIBRATION, transform=transform, slope=1.0, offset=0.0)

    assert [expected, -expected] == pytest.approx(calibration.llr([0.3, -0.3]).tolist())


def test_fmr_is_log_linear_between_the_knots():
    """Half-way between 10 % and 0.1 % stands 1 %; outside stand 1 and the floor."""
    assert [1.0, 1.0, 0.1, 0.01, 0.001, 0.001] == pytest.approx(
        CALIBRATION.fmr([-1.0, 0.0, 0.2, 0.35, 0.5, 9.0]).tolist()
    )


def test_a_comparison_carries_llr_and_fmr():
    """One score becomes a Comparison of plain floats."""
    found = CALIBRATION.comparison(0.5)

    assert Comparison(0.5, pytest.approx(1.0), pytest.approx(0.001), "test-1") == found
    assert [float, float, float] == [type(value) for value in (found.score, found.llr, found.fmr)]


def test_infinite_scores_get_the_bounds_and_nan_stays():
    """±inf are clipped, even with slope 0; a missing score stays missing."""
    flat = replace(CALIBRATION, slope=0.0, offset=0.5)

    assert [LOW, HIGH] == pytest.approx(CALIBRATION.llr([-inf, inf]).tolist())
    assert [0.5, 0.5] == flat.llr([-inf, inf]).tolist()
    assert [1.0, 0.001] == pytest.approx(CALIBRATION.fmr([-inf, inf]).tolist())
    assert np.isnan([CALIBRATION.llr(nan), CALIBRATION.fmr(nan)]).all()


def test_shapes_are_kept():
    """A table of scores gives a table of LLRs and FMRs, in float64."""
    table = np.zeros((2, 3), np.float32)

    assert ((2, 3), np.float64) == (CALIBRATION.llr(table).shape, CALIBRATION.llr(table).dtype)
    assert ((2, 3), np.float64) == (CALIBRATION.fmr(table).shape, CALIBRATION.fmr(table).dtype)


@given(st.sampled_from(CALIBRATIONS), st.lists(st.floats(allow_nan=False), min_size=2, max_size=20))
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
    """Also where it is interpolated, to the last bit."""
    assert (np.diff(CALIBRATION.fmr(np.sort(scores))) <= 0.0).all()


def test_json_comes_back_equal_and_is_stable():
    """What was written reads as the same calibration, and writes as the same text."""
    text = CALIBRATION.to_json()

    assert CALIBRATION == Calibration.from_json(text)
    assert text == Calibration.from_json(text).to_json()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"format": 1}', "null", '{"format": 2, "fmr_scores": [], "fmr_log10": []}']
)
def test_other_text_is_refused(text):
    """Neither damaged files nor those of another format are read."""
    with pytest.raises(ConfigurationInvalid):
        Calibration.from_json(text)


@pytest.mark.parametrize(
    "fields",
    [
        {"slope": -1.0},
        {"slope": nan},
        {"offset": inf},
        {"transform": "square"},
        {"llr_max": HIGH + 0.1},
        {"llr_min": LOW - 0.1},
        {"llr_max": nan},
        {"llr_min": 0.1},
        {"non_mated_count": 30},
        {"fmr_scores": (), "fmr_log10": ()},
        {"fmr_scores": (0.0, 0.5)},
        {"fmr_scores": (0.0, 0.0, 0.5)},
        {"fmr_log10": (0.0, -2.0, -1.0)},
        {"fmr_log10": (0.0, -1.0, -3.1)},
        {"fmr_log10": (0.1, -1.0, -3.0)},
        {"fmr_log10": (0.0, nan, -3.0)},
    ],
)
def test_claims_beyond_the_counts_and_nonsense_are_refused(fields):
    """A calibration that is not monotone, or claims more than its counts support, cannot be made."""
    with pytest.raises(ConfigurationInvalid, match="test-1"):
        replace(CALIBRATION, **fields)


def test_the_json_names_its_format():
    """The version stands in the file."""
    assert 1 == json.loads(CALIBRATION.to_json())["format"]
    assert log10(1000.0) == pytest.approx(json.loads(CALIBRATION.to_json())["llr_max"])
