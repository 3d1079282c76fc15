"""Fusion models: reading and writing, and the LLRs of arbitrary scores."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.calibration.llr_bounds import contaminated
from biometrics.errors import ConfigurationInvalid
from biometrics.score_fusion.fusion import ScoreFusion
from biometrics.score_fusion.mixture import GaussianMixture
from biometrics.score_fusion.parts import Provenance
from biometrics.score_fusion.pattern import PatternCalibration, PatternCounts
from biometrics.score_fusion.scale import ScoreScale

CURVE = np.array([-3.0, 5.0]), np.array([-2.0, 4.0])
MANY, FEW = PatternCounts(300, 30_000, 300.0, 30_000.0, 300), PatternCounts(40, 60, 40.0, 30.0, 50)
BY = PatternCalibration(1.0, 0.0, MANY, 0.2, (-2.0, 3.0), (0.0, -3.0))
RARE = PatternCalibration(1.0, 0.0, FEW, 0.3, (-2.0, 1.0), (0.0, -1.0))
MODEL = ScoreFusion(
    comparators=("a", "b"),
    scales=(ScoreScale(-3.0, 5.0, 0.0, -3.0, 0.0, 1.0), ScoreScale(0.0, 50.0, 5.0, 0.0, 1.0, 0.5, -1.0)),
    mated=(GaussianMixture(np.ones(1), np.array([[2.0, 1.0]]), np.eye(2)[None]),),
    non_mated=(GaussianMixture(np.ones(1), np.zeros((1, 2)), np.eye(2)[None]),),
    curves=(CURVE, CURVE),
    patterns={1: BY, 2: RARE},
    uses_quality=False,
    provenance=Provenance("made up", "2026-01-01", "none", 300, 30_000, 300, 5, 0.1, 0.1),
)
SCORE = st.floats(allow_nan=True, allow_infinity=False)


def test_text_gives_the_model_again() -> None:
    """Writing and reading gives a model with the same id and the same answers."""
    again = ScoreFusion.from_json(MODEL.to_json())
    assert MODEL.fusion_model_id == again.fusion_model_id
    assert MODEL.llr([[1.0, 20.0]]) == again.llr([[1.0, 20.0]])


def _broken(**changes: Any) -> str:
    content = json.loads(MODEL.to_json())
    return json.dumps(content | changes)


def _with_pattern(pattern: str, **changes: Any) -> str:
    content = json.loads(MODEL.to_json())
    known = content["patterns"].get(pattern, asdict(BY))
    return json.dumps(content | {"patterns": {**content["patterns"], pattern: known | changes}})


def _without_pattern(pattern: str) -> str:
    content = json.loads(MODEL.to_json())
    del content["patterns"][pattern]
    return json.dumps(content)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '"model"',
        "{}",
        _broken(format="biofusion-score-fusion-1"),
        _broken(mated=[]),
        _broken(patterns={}),
        _broken(comparators=[]),
        _broken(non_mated=[{"weights": [1.0], "means": [[0.0, 0.0]], "covariances": [[[1.0, 2.0], [2.0, 1.0]]]}]),
        _broken(mated=[{"weights": [1.0], "means": [[0.0, None]], "covariances": [[[1.0, 0.0], [0.0, 1.0]]]}]),
        _with_pattern("1", slope=-1.0),
        _with_pattern("1", fmr_log10=[0.0, -4.1]),
        _with_pattern("2", counts={**asdict(FEW), "non_mated_effective": 61.0}),
        _with_pattern("4"),
        _without_pattern("2"),
        _broken(provenance={}),
    ],
)
def test_text_that_is_no_model_is_refused(text: str) -> None:
    """Other text, another format and invalid parts all raise the same named error."""
    with pytest.raises(ConfigurationInvalid, match="fusion model"):
        ScoreFusion.from_json(text)


@given(a=SCORE, b=SCORE)
def test_any_scores_stay_within_the_counts(a: float, b: float) -> None:
    """For any scores the LLR is finite and within the bounds by counts, and the FMR within 0 and 1."""
    fused = MODEL.fuse([[a, b]])
    assert MODEL.llr_min <= fused.llr[0] <= MODEL.llr_max
    assert 0.0 < fused.fmr[0] <= 1.0


@given(score=st.floats(5.0, 1e300))
def test_scores_beyond_the_training_range_are_clipped(score: float) -> None:
    """A score above the highest of the training data is treated as that one."""
    assert MODEL.llr([[5.0, 3.0]]) == MODEL.llr([[score, 3.0]])


def test_a_pattern_without_calibration_uses_a_subset() -> None:
    """The calibrated subset of lowest Cllr gives the LLR; the other scores add nothing."""
    assert [0, 1, 2, 1] == [MODEL.part(pattern) for pattern in range(4)]
    one, both = MODEL.fuse([[1.0, np.nan]]), MODEL.fuse([[1.0, 20.0]])
    assert (one.llr[0], one.fmr[0]) == (both.llr[0], both.fmr[0])


def test_each_pattern_is_bounded_by_its_own_counts() -> None:
    """With 30 independent non-mated comparisons the highest score has an LR below 10 and an FMR of 0.1."""
    fused = MODEL.fuse([[np.nan, 50.0], [5.0, np.nan]])
    assert 0.9 < fused.llr[0] < 1.0
    assert [0.1, 1e-3] == pytest.approx(fused.fmr.tolist(), rel=0.03)
    assert [1.0, 4.0] == pytest.approx([MODEL.calibration(pattern).llr_max for pattern in (2, 1)])
    assert fused.llr.tolist() == [MODEL.single_llr([[5.0, 50.0]])[0, place] for place in (1, 0)]


def test_a_failure_code_is_a_missing_score() -> None:
    """The pattern of a row has no bit for a comparator whose score is the failure code."""
    assert [3, 1, 0] == [MODEL.pattern([row]) for row in ([1.0, 20.0], [1.0, -1.0], [np.nan, -1.0])]


def test_an_older_model_says_what_to_do() -> None:
    """A model of the previous format is refused with both format names, and the advice to fit it again."""
    with pytest.raises(ConfigurationInvalid, match="fusion-1, and biofusion-score-fusion-2 is read"):
        ScoreFusion.from_json(_broken(format="biofusion-score-fusion-1"))


@given(llr=st.floats(-12.0, 12.0), step=st.floats(1e-3, 5.0))
def test_contaminated_rises_within_its_bounds(llr: float, step: float) -> None:
    """The bounded LLR rises strictly with the LLR, stays within the bounds, and is nearly unchanged far from them."""
    low, high = contaminated(np.array([llr, llr + step]), -2.0, 4.0)
    assert -2.0 <= low < high <= 4.0
    assert 1.0 == pytest.approx(float(contaminated(np.array(1.0), -8.0, 9.0)), abs=1e-6)


def test_threshold_is_where_the_rate_is() -> None:
    """At a pattern's threshold its FMR is the one asked for; for a rate too low to be shown it is the bound."""
    at = BY.threshold(1e-2)
    assert 4 / 3 == pytest.approx(at)
    assert -2.0 == pytest.approx(float(np.interp(at, BY.fmr_llr, BY.fmr_log10)))
    assert 5.0 == pytest.approx(BY.threshold(1e-5))
