"""Calibration: strictly monotone, bounded by its counts, and stable as text."""

from __future__ import annotations

import json
from dataclasses import replace
from math import inf, log10, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.calibration.curves import QualityEffect, contaminated, llr_bounds
from biometrics.calibration.score_calibration import Calibration
from biometrics.calibration.sensor_check import SensorCheck
from biometrics.comparison import Comparison
from biometrics.errors import ConfigurationInvalid

CHECK = SensorCheck("set-1", 30, 400, 9000, (0.5, 1.1, None, None), 0.1)
LOW, HIGH = llr_bounds(300, 3000)
CALIBRATION = Calibration(
    comparator_id="test-1",
    model_id="model-1",
    family="affine",
    scores=(0.3, 0.5),
    llrs=(-1.0, 1.0),
    quality=None,
    fmr_scores=(0.0, 0.2, 0.5),
    fmr_log10=(0.0, -1.0, -3.0),
    margin=0.9,
    mated_count=400,
    non_mated_count=9000,
    effective_mated_count=300,
    effective_non_mated_count=3000,
    people_count=30,
    sensors=(CHECK,),
    folds=5,
    cllr=0.1,
    min_cllr=0.09,
    cllr_by_family={"affine": 0.1, "other": 0.11},
    source="Made by the test",
    date="2026-01-01",
    command="none",
)
BENT = replace(CALIBRATION, scores=(0.0, 0.3, 0.5, 0.6), llrs=(-9.0, -1.0, 1.0, 1.5))
STEEP = replace(CALIBRATION, llrs=(2.0, 4.0))
AWARE = replace(CALIBRATION, quality=QualityEffect((20.0, 60.0), (-0.5, 0.5), (0.5, 1.5)))


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


def test_json_comes_back_equal_and_is_stable():
    """The text is read as the same calibration, which is written as the same text."""
    for calibration in (CALIBRATION, BENT, AWARE):
        text = calibration.to_json()

        assert calibration == Calibration.from_json(text)
        assert text == Calibration.from_json(text).to_json()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"format": 1}', "null", '{"format": 3, "fmr_scores": [], "fmr_log10": []}']
)
def test_other_text_is_refused(text):
    """Damaged text and text of another format are refused."""
    with pytest.raises(ConfigurationInvalid, match="Fit it again"):
        Calibration.from_json(text)


@pytest.mark.parametrize("version", [1, 2])
def test_files_of_earlier_formats_are_refused(version):
    """Earlier formats are refused, as their claims do not account for people; the message says which one is read."""
    fields = json.loads(CALIBRATION.to_json()) | {"format": version}

    with pytest.raises(ConfigurationInvalid, match=f"has format {version}, and 3 is read"):
        Calibration.from_json(json.dumps(fields))


@pytest.mark.parametrize(
    "fields",
    [
        {"scores": (), "llrs": ()},
        {"scores": (0.3,), "llrs": (1.0,)},
        {"scores": (0.3, 0.4, 0.5)},
        {"scores": (0.3, 0.3)},
        {"scores": (0.3, inf)},
        {"scores": (0.0, 5e-324), "llrs": (0.0, 1.0)},
        {"llrs": (1.0, 1.0)},
        {"llrs": (1.0, -1.0)},
        {"llrs": (nan, 1.0)},
        {"effective_mated_count": 3, "fmr_scores": (0.0,), "fmr_log10": (0.0,)},
        {"effective_mated_count": 500},
        {"effective_non_mated_count": 30},
        {"effective_non_mated_count": 9001},
        {"margin": 0.0},
        {"margin": 1.01},
        {"margin": nan},
        {"sensors": (replace(CHECK, name=""),)},
        {"sensors": (replace(CHECK, people_count=0),)},
        {"sensors": (replace(CHECK, ratios=(1.0,)),)},
        {"sensors": (replace(CHECK, ratios=(-1.0, None, None, None)),)},
        {"sensors": (replace(CHECK, cllr=nan),)},
        {"quality": QualityEffect((), (), ())},
        {"quality": QualityEffect((1.0, 2.0), (0.0, 0.0), (1.0,))},
        {"quality": QualityEffect((2.0, 1.0), (0.0, 0.0), (1.0, 1.0))},
        {"quality": QualityEffect((1.0, 2.0), (0.0, 0.0), (1.0, 0.0))},
        {"quality": QualityEffect((1.0, 2.0), (0.0, nan), (1.0, 1.0))},
        {"fmr_scores": (), "fmr_log10": ()},
        {"fmr_scores": (0.0, 0.5)},
        {"fmr_scores": (0.0, 0.0, 0.5)},
        {"fmr_log10": (0.0, -2.0, -1.0)},
        {"fmr_log10": (0.0, -2.0, -2.0)},
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
    """The file states its format version."""
    assert 3 == json.loads(CALIBRATION.to_json())["format"]
