"""Error rates by group at one threshold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evaluation.report.findings import differential
from evaluation.report.findings.outcome import columns
from tests.unit.evaluation.report.made import gaussian

NAMES = ("even", "odd")


def grouped(outcome, threshold=1.0, names=NAMES):
    """The differential with people in two groups by their number."""
    group = (outcome.first % 2).astype(np.int32)
    outcome = replace(outcome, group=group, group_names=names)
    return differential.measure(outcome, columns(outcome)[-1], (1e-1, 1e-2), (threshold, None))


def worse(shift):
    """An outcome in which the mated LLRs of odd people are lowered."""
    outcome = gaussian(120, (3.0,))
    lowered = outcome.llr - np.where(outcome.mated & (outcome.first % 2 == 1), shift, 0.0).astype(np.float32)
    return replace(outcome, llr=lowered)


def test_rates_and_ratios_are_counted_by_group():
    """FNMR of each group, its ratio to all, and worst over best follow from the counts."""
    outcome = worse(1.0)
    _, found = grouped(outcome)
    missed = [np.mean(outcome.llr[outcome.mated][half::2] < 1.0) for half in (0, 1)]

    assert "FNMR" == found.error
    assert missed == pytest.approx([each.rate.value for each in found.groups])
    assert [rate / np.mean(missed) for rate in missed] == pytest.approx([each.ratio.value for each in found.groups])
    assert max(missed) / min(missed) == pytest.approx(found.worst_to_best.value)


def test_a_clear_difference_has_intervals_apart_and_none_has_intervals_that_hold_one():
    """With LLRs lowered by 1.5, the interval of odd people's ratio is above 1; with equal ones it contains 1."""
    (_, apart), (_, same) = grouped(worse(1.5)), grouped(worse(0.0))

    assert apart.groups[1].ratio.interval.low > 1.0 > apart.groups[0].ratio.interval.high
    assert same.groups[1].ratio.interval.low < 1.0 < same.groups[1].ratio.interval.high


def test_false_matches_are_counted_at_or_above_the_threshold():
    """The groups' errors add up to those of all."""
    outcome = gaussian(100)
    found, _ = grouped(outcome)

    assert ("FMR", 0.1) == (found.error, found.target)
    assert np.count_nonzero(outcome.llr[~outcome.mated] >= 1.0) == found.pooled.errors
    assert found.pooled.errors == sum(each.rate.errors for each in found.groups)


def test_groups_without_errors_have_no_worst_to_best():
    """Where the best group has no error, worst over best is None."""
    _, found = grouped(gaussian(40, (40.0,)))
    assert (0, None, None) == (found.pooled.errors, found.worst_to_best, found.groups[0].ratio)


def test_a_group_without_rows_has_no_rate():
    """A group without rows has no rate, and the other groups keep theirs."""
    _, found = grouped(worse(1.0), names=(*NAMES, "nobody"))

    assert found.groups[2].rate is None
    assert found.worst_to_best is not None


def test_rows_of_no_group_are_left_out():
    """Rows of group −1 are in no rate."""
    outcome = gaussian(40)
    outcome = replace(outcome, group=np.where(outcome.first < 10, 0, -1).astype(np.int32), group_names=("few",))
    found = differential.measure(outcome, columns(outcome)[-1], (0.1,), (1.0,))

    assert [390, 10] == [each.pooled.count for each in found]


def test_without_groups_or_thresholds_there_is_nothing():
    """Without groups, or without thresholds, the list is empty."""
    outcome = gaussian(20)
    assert [] == differential.measure(outcome, columns(outcome)[-1], (0.1,), (1.0,))
    assert [] == grouped(outcome, threshold=None)
