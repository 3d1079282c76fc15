"""Confidence limits of a rate from independent trials."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest

from evaluation.metrics.intervals import rate_limits, upper_limit


@pytest.mark.parametrize(("errors", "trials"), [(0, 5), (1, 10), (3, 40), (40, 40), (17, 300), (299, 300)])
def test_at_a_limit_the_binomial_tail_is_half_of_the_rest(errors, trials):
    """At the upper limit as many errors or fewer have probability 2.5 %; at the lower one as many or more."""
    low, high = (float(end) for end in rate_limits(errors / trials, trials))

    def chance(rate, counts):
        return sum(comb(trials, k) * rate**k * (1.0 - rate) ** (trials - k) for k in counts)

    assert (0.0 if errors == 0 else low) == low
    assert errors == 0 or 0.025 == pytest.approx(chance(low, range(errors, trials + 1)))
    assert (errors == trials and high == 1.0) or 0.025 == pytest.approx(chance(high, range(errors + 1)))


def test_without_errors_the_upper_limit_has_a_closed_form():
    """In n trials without error the upper limit is 1 − 0.025^(1/n), also for fractions of a trial and for millions."""
    trials = np.array([0.5, 3.0, 12.4, 1e3, 1e6])
    assert (1.0 - 0.025 ** (1.0 / trials)).tolist() == pytest.approx(rate_limits(np.zeros(5), trials)[1].tolist())


def test_upper_limit_is_one_where_every_trial_errs():
    """Also where rounding leaves a little less than all; else one-sided: of two errors in two halves of the rest."""
    assert [1.0, 1.0] == upper_limit([3.0, 3.0 - 1e-12], [3.0, 3.0], 0.95).tolist()
    assert float(rate_limits(0.5, 4.0)[1]) == pytest.approx(float(upper_limit(2.0, 4.0, 0.975)))
