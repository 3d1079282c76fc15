"""Ratios of groups' rates and their intervals."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from tests.unit.evaluation.report.groups.crowds import of_mated


def test_ratios_follow_from_the_rates():
    """Largest over smallest, over the geometric mean, and over all together, as by hand."""
    found = of_mated(3, (200, 200, 200), (0.1, 0.2, 0.4))
    rates = [each.rate.value for each in found.groups]

    assert max(rates) / min(rates) == pytest.approx(found.worst_to_best.value)
    assert max(rates) / np.prod(rates) ** (1 / 3) == pytest.approx(found.worst_to_mean.value)
    assert [rate / found.pooled.value for rate in rates] == pytest.approx([each.ratio.value for each in found.groups])
    assert max(rates) / found.pooled.value == pytest.approx(found.worst_to_all.value)
    assert ("group 2", "group 0") == (found.worst_to_best.of, found.worst_to_best.to)


def test_intervals_of_all_ratios_hold_together():
    """In at least 95 % of many sets every interval holds the true ratio."""
    truth, held = (0.1, 0.1, 0.25), 0
    for seed in range(100):
        found = of_mated(seed, (80, 60, 100), truth)
        of_all = np.average(truth, weights=[each.count for each in found.groups])
        pairs = [(found.worst_to_best, 2.5), (found.worst_to_mean, 0.25 / np.prod(truth) ** (1 / 3))]
        of_groups = [(each.ratio, rate / of_all) for each, rate in zip(found.groups, truth, strict=True)]
        by_kind = [
            all(ratio.interval.low <= true <= ratio.interval.high for ratio, true in each)
            for each in (pairs[:1], pairs[1:], of_groups)
        ]
        held += all(by_kind)
    assert held >= 95


def test_a_group_without_an_error_leaves_the_largest_ratio_open():
    """Largest over smallest has a lower limit only, and there is no geometric mean."""
    found = of_mated(1, (300, 300), (1e-12, 0.3))

    assert (None, inf) == (found.worst_to_best.value, found.worst_to_best.interval.high)
    assert found.worst_to_best.interval.low > 3.0
    assert found.worst_to_mean is None


def test_few_people_or_few_expected_errors_are_too_small():
    """Nine people are too few, and so are 20 of whom the rate of all would let less than three err."""
    found = of_mated(1, (2000, 9, 20), (0.01, 0.5, 1e-12))

    assert [False, True, True] == [each.too_small for each in found.groups]
    assert [None, None] == [each.rate for each in found.groups[1:]]
    assert ("group 1", "group 2") == found.too_small
    assert found.worst_to_best is None
