"""Computing and formatting rates."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.metrics.intervals import Interval
from evaluation.metrics.shared_subjects import Comparisons
from evaluation.report.findings.number_text import number, percent, power, share, too_few
from evaluation.report.findings.rates import Rate, quotient, rates_at, thin

NONE = np.zeros(0, np.int64)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.12345, "12.35 %"), (0.00967, "0.967 %"), (1.23e-6, "0.000123 %"), (0.0, "0 %"), (1.0, "100.00 %")],
)
def test_percents_have_three_digits(value, text):
    """Percents have three significant digits, or two decimals from 1 % on."""
    assert text == percent(value)


def test_no_error_only_shows_the_upper_limit():
    """A rate without errors is written as its upper limit, in percent and in powers of ten, with the count."""
    none = Rate(0, 1000, Interval(0.0, 0.003))
    assert ("< 0.300 %\n0 of 1,000", "< 3 × 10⁻³\n0 of 1,000") == (none.text(), none.small_text())
    assert ("0 of 1,000", "1.00 %") == (share(0.0, 1000), share(0.01, 1000))


def test_errors_are_written_with_their_interval():
    """The interval is on a second line; a rate that rounds up takes the next power of ten."""
    assert "2.00 %\n1.00 – 4.00 %" == Rate(2, 100, Interval(0.01, 0.04)).text()
    assert "2.00 × 10⁻²\n1.00 – 4.00 × 10⁻²" == Rate(2, 100, Interval(0.01, 0.04)).small_text()
    assert Rate(9999, 1_000_000, Interval(0.0, 0.02)).small_text().startswith("1.00 × 10⁻²")


def test_a_rate_with_too_few_rows_says_why():
    """The text states the 3/FMR rows needed and the number there are."""
    assert "–\nneeds 30,000 non-mated,\nhas 500" == too_few(1e-4, 500)


def test_powers_and_numbers():
    """Powers of ten are written as 10⁻³, negative numbers with a minus sign, None as a dash."""
    assert ["10⁻³", "2.5 × 10⁻³"] == [power(1e-3), power(2.5e-3)]
    assert ["−1.50", "0.00", "–", "–"] == [number(v, 2) for v in (-1.5, -0.001, None, float("inf"))]


def test_a_failed_comparison_is_counted_once():
    """Errors of half of 100 people give 50 % ± 10 %."""
    people = np.arange(100)
    (rate,) = rates_at(Comparisons(people % 2 * 1.0, people, people), [0.5], matched=False)

    assert (50, 100) == (rate.errors, rate.count)
    assert (0.40, 0.60) == pytest.approx((rate.interval.low, rate.interval.high), abs=0.01)


def test_rates_at_thresholds_count_both_ways():
    """Rates at or above and below the thresholds are in the order asked for, None where there is no threshold."""
    side = Comparisons(np.arange(10, dtype=np.float32), np.arange(10), np.arange(10))
    above = rates_at(side, [8.0, None, 2.0], matched=True)
    below = rates_at(side, [8.0, None, 2.0], matched=False)

    assert [2, None, 8] == [each and each.errors for each in above]
    assert [8, None, 2] == [each and each.errors for each in below]


def test_nothing_has_no_rate():
    """Without comparisons the rate is None."""
    assert (None,) == rates_at(Comparisons(NONE.astype(np.float32), NONE, NONE), [1.0], matched=True)


def test_a_quotient_is_as_uncertain_as_its_rates():
    """Limits of a factor of 2 and of 3 combine as the root of the sum of their squared logarithms."""
    sure, doubled = Rate(20, 100, Interval(0.2, 0.2)), Rate(10, 100, Interval(0.05, 0.2))
    both = quotient(doubled, Rate(20, 100, Interval(0.2 / 3.0, 0.6)))
    spread = np.exp(np.hypot(np.log(2.0), np.log(3.0)))

    assert Interval(0.25, 1.0) == quotient(doubled, sure)
    assert (0.5 / spread, 0.5 * spread) == pytest.approx((both.low, both.high))
    assert Interval(0.0, 0.5) == quotient(Rate(0, 100, Interval(0.0, 0.1)), sure)
    assert Interval(2.0, np.inf) == quotient(sure, Rate(0, 100, Interval(0.0, 0.1)))


def test_thinning_keeps_both_ends():
    """Of 1000 indices 400 are kept, of 3 all, of none none."""
    assert (0, 999, 400) == (thin(1000)[0], thin(1000)[-1], thin(1000).size)
    assert ([0, 1, 2], []) == (thin(3).tolist(), thin(0).tolist())
