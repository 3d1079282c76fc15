"""Error rates of the study of foreign minutiae."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.metrics.verification import equal_error_rate, error_curve, fnmr_at_fmr
from studies.foreign_minutiae.rates import Compared, rates


@pytest.fixture
def pairs() -> Compared:
    """All pairs of 20 fingers with 6 impressions each."""
    random = np.random.default_rng(1)
    fingers = np.repeat(np.arange(20), 6)
    first, second = np.triu_indices(120, 1)
    mated = fingers[first] == fingers[second]
    scores = random.normal(size=mated.size).round(2) + 3.0 * mated
    return Compared(scores, mated, fingers[first], fingers[second])


def test_rates_are_those_of_the_evaluation(pairs):
    """EER and FNMR at an FMR, also where scores are equal."""
    mated, others = pairs.scores[pairs.mated], pairs.scores[~pairs.mated]
    eer, fnmr = rates(pairs, (1e-2,))
    assert equal_error_rate(error_curve(mated, others)) == pytest.approx(eer.value)
    assert fnmr_at_fmr(mated, others, 1e-2) == pytest.approx(fnmr.value)
    assert eer.low < eer.value < eer.high


def test_a_rate_that_too_few_pairs_carry_is_not_stated(pairs):
    """6,840 non-mated pairs do not show an FMR of 1e-4."""
    assert "too few pairs" == str(rates(pairs, (1e-4,))[1])
