"""Confidence limits of a rate from independent trials."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest

from biometrics.error_rates.intervals import beta_quantile, rate_limits, student_quantile


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


def test_quantiles_of_the_beta_distribution():
    """The quantiles of uniform, power-law and symmetric beta distributions equal their closed forms."""
    assert [0.3, 0.3**0.5, 1.0 - 0.7 ** (1.0 / 9.0)] == pytest.approx(beta_quantile(0.3, [1, 2, 1], [1, 1, 9]).tolist())
    assert [0.5, 0.5, 0.5] == pytest.approx(beta_quantile(0.5, [0.2, 7.0, 1e5], [0.2, 7.0, 1e5]).tolist())


def test_quantiles_of_students_distribution():
    """The quantiles for 1, 2, 9 and very many degrees of freedom equal those in tables."""
    found = [student_quantile(freedom) for freedom in (1, 2, 9, 1e7)]
    assert [12.7062, 4.3027, 2.2622, 1.9600] == pytest.approx(found, abs=1e-4)
