"""Rules for several references of a finger."""

from __future__ import annotations

import numpy as np
import pytest

from biometrics.calibration.score_calibration import Calibration
from studies.references.several_references import RULES

CALIBRATION = Calibration(
    *("c-1", "m-1", "affine", (-1.0, 1.0), (-2.0, 2.0), None, (-9.0, -8.0), (0.0, -11.0), 1.0),
    *(10**12, 10**12, 10**12, 10**12, 10, (), 5, 0.1, 0.1, {"affine": 0.1}, "made up", "2026-01-01", "none"),
)
SCORES = np.array([[1.0, 0.5, -0.5], [0.4, 0.4, 0.4]])


@pytest.mark.parametrize(
    ("rule", "score", "llr"),
    [
        ("best", [1.0, 0.4], [2 - np.log10(3), 0.8 - np.log10(3)]),
        ("best, not charged", [1.0, 0.4], [2.0, 0.8]),
        ("mean", [1 / 3, 0.4], [2 / 3, 0.8]),
        ("mean of best two", [0.75, 0.4], [1.5 - np.log10(3), 0.8 - np.log10(3)]),
        ("sum of LLRs", [2.0, 2.4], [2.0, 2.4]),
        ("mean of LRs", [np.log10((100 + 10 + 0.1) / 3), 0.8], [np.log10((100 + 10 + 0.1) / 3), 0.8]),
    ],
)
def test_rules(rule: str, score: list[float], llr: list[float]) -> None:
    """Each rule gives the score and the LLR that its name states."""
    found = RULES[rule](SCORES, CALIBRATION)
    assert score == pytest.approx(found[0].tolist())
    assert llr == pytest.approx(found[1].tolist())


@pytest.mark.parametrize("rule", RULES)
def test_one_reference_is_taken_as_it_is(rule: str) -> None:
    """With a single reference no rule changes the LLR."""
    scores = np.linspace(-2, 2, 9)[:, None]
    assert CALIBRATION.llr(scores[:, 0]).tolist() == pytest.approx(RULES[rule](scores, CALIBRATION)[1].tolist())


def test_the_mean_ratio_lies_between_the_charged_best_and_the_best() -> None:
    """For any scores, the LLR of the mean ratio lies between those of the charged and the uncharged best."""
    scores = np.random.default_rng(1).normal(0, 1, (500, 3))
    low, between, high = (RULES[name](scores, CALIBRATION)[1] for name in ("best", "mean of LRs", "best, not charged"))
    assert (low <= between + 1e-12).all()
    assert (between <= high + 1e-12).all()
