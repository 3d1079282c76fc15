"""Patterns of missing comparators."""

from __future__ import annotations

import numpy as np

from evaluation.report.findings import missing
from evaluation.report.findings.outcome import columns
from tests.unit.evaluation.report.made import gaussian, without


def measured(outcome, thresholds=(0.0,)):
    """The patterns measured at thresholds of the fused LLR."""
    return missing.measure(outcome, columns(outcome)[-1].llr, thresholds)


def test_every_pattern_is_a_row_and_the_most_frequent_is_first():
    """The patterns "all", "all but the first" and "none" are listed with their counts, most frequent first."""
    outcome = gaussian(30)
    outcome = without(outcome, np.arange(100), [0])
    outcome = without(outcome, np.arange(32), [0, 1])
    found = measured(outcome)

    assert [("comparator 0", "comparator 1"), ("comparator 1",), ()] == [each.present for each in found]
    assert [(26, 774), (2, 66), (2, 30)] == [(each.mated, each.non_mated) for each in found]


def test_mated_rows_where_nothing_was_compared_are_errors_and_non_mated_ones_are_none():
    """This holds also at a threshold below 0, the LLR of no evidence."""
    found = measured(without(gaussian(30), np.arange(32), [0, 1]), (-5.0,))[-1]

    assert (2, 2) == (found.fnmr[0].errors, found.fnmr[0].count)
    assert ((None,), None) == (found.fmr, found.cllr)


def test_rates_are_counted_at_the_threshold():
    """FNMR and FMR of the only pattern equal those of the fused LLR."""
    outcome = gaussian(40)
    (found,) = measured(outcome, (1.0, None))

    assert np.count_nonzero(outcome.llr[outcome.mated] < 1.0) == found.fnmr[0].errors
    assert np.count_nonzero(outcome.llr[~outcome.mated] >= 1.0) == found.fmr[0].errors
    assert (None, None) == (found.fnmr[1], found.fmr[1])


def test_rare_patterns_are_pooled():
    """Of 127 patterns of seven comparators, 64 are shown and the others pooled in one row; no comparison is lost."""
    outcome = gaussian(40, (1.0,) * 7)
    for code in range(1, 127):
        outcome = without(outcome, np.arange(code * 12, code * 12 + 12), [p for p in range(7) if code >> p & 1])
    found = measured(outcome)

    assert (65, None) == (len(found), found[-1].present)
    assert 1600 == sum(each.mated + each.non_mated for each in found)
