"""Counting the errors in the fifth of worst quality, and fitting other qualities on other sensors."""

from __future__ import annotations

import numpy as np
import pytest

from services.fingerprint.template.features import FingerFeatures, Minutiae
from studies.capture.worst_fifth import Sensor, facts_of, fitted, limits, share_of_errors


def _sensor(seed: int) -> Sensor:
    """Forty fingers of two samples; the score is the lower of what the first fact of both says, and noise."""
    rng = np.random.default_rng(seed)
    facts = rng.normal(0, 1, (80, 3))
    pairs = np.arange(80).reshape(-1, 2)
    scores = facts[pairs][..., 0].min(axis=1) + rng.normal(0, 0.01, 40)
    return Sensor(np.full(80, 50.0), facts, pairs, scores, np.arange(40))


def test_the_share_is_all_for_a_perfect_quality_and_none_for_a_reversed_one() -> None:
    """Errors are the 5 % of lowest score; equal qualities are left together."""
    scores = np.arange(100.0)
    assert [1.0, 0.0, 0.0] == [share_of_errors(each, scores) for each in (scores, -scores, np.zeros(100))]


def test_weights_are_those_of_the_fact_that_predicts_scores() -> None:
    """The fact that scores depend on gets nearly all of the weight, and finds all errors of a new sensor."""
    weights = fitted([_sensor(1), _sensor(2)], (0, 1, 2))
    assert abs(weights[1:]).max() < 0.3 * weights[0]
    new = _sensor(3)
    quality = (new.facts @ weights)[new.pairs].min(axis=1)
    assert share_of_errors(quality, new.scores) == pytest.approx(1.0)
    assert limits(quality, new)[0] > 0.4


def test_the_facts_of_a_template() -> None:
    """Σ confidence and spread as logarithms, and how far the finger lies from the middle of the image's height."""
    x, y = np.array([[100, 200, 100, 200], [100, 100, 200, 200]], np.float32)
    minutiae = Minutiae(x, y, x * 0, x > 150, x * 0 + 1)
    mask = np.zeros((20, 20), np.bool_)
    mask[:10] = True
    total, spread, placement = facts_of(FingerFeatures(320, 320, mask, minutiae))
    assert np.log(4) == pytest.approx(total)
    assert -0.25 == pytest.approx(placement)
    assert np.log(100**2 / 3) == pytest.approx(spread)
