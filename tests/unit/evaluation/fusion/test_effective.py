"""The effective count of a set of comparisons with shared people."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.data.score_table import ScoreTable
from evaluation.fusion.effective import dyads_of, effective
from evaluation.metrics.dyads import Dyads

Ints = np.ndarray


def worth(first: Ints, second: Ints, values: Ints) -> float:
    """Effective count of non-mated rows between people given by number."""
    return effective(Dyads.of(first, second), values)


def everybody(people: int) -> tuple[Ints, Ints]:
    """Every ordered pair of different people."""
    first, second = (side.ravel() for side in np.mgrid[:people, :people])
    return first[first != second], second[first != second]


def test_independent_comparisons_are_worth_as_many() -> None:
    """For values independent of people the mean count over many draws is near n, and no count is above n."""
    first, second = everybody(60)
    found = [worth(first, second, np.random.default_rng(seed).normal(size=3540)) for seed in range(20)]
    assert max(found) <= 3540.0
    assert 0.8 * 3540.0 < np.mean(found)


def test_the_variance_is_the_sum_over_rows_that_share_a_person() -> None:
    """The count is n²·p(1 − p) over the sum of residual products over all pairs of rows that share a person."""
    random = np.random.default_rng(4)
    first, second = everybody(20)
    values = random.normal(size=380) + 2.0 * random.normal(size=20)[first] + random.normal(size=20)[second]
    exceeds = values >= np.sort(values)[-30]
    residual = exceeds - exceeds.mean()
    people = np.stack((first, second), axis=1)
    shared = (people[:, None, :, None] == people[None, :, None, :]).any(axis=(2, 3))
    variance = (shared * np.outer(residual, residual)).sum() / 380**2
    expected = exceeds.mean() * (1 - exceeds.mean()) / variance
    assert 1.0 < expected < 380.0
    assert pytest.approx(expected) == worth(first, second, values)


def test_people_who_are_alike_to_all_cost_rows() -> None:
    """Where a few people have the highest values, 3,540 rows are worth less than a fifth of them."""
    first, second = everybody(60)
    random = np.random.default_rng(1)
    values = random.normal(size=3540) + 3.0 * random.normal(size=60)[first]
    assert worth(first, second, values) < 708.0


@pytest.mark.parametrize("probes", [1, 3])
def test_few_people_on_a_side_carry_little(probes: int) -> None:
    """Three probes against 10,000 references are worth nine comparisons: so few probes show no variance."""
    first, second = np.repeat(np.arange(probes), 10_000), probes + np.tile(np.arange(10_000), probes)
    values = np.random.default_rng(1).normal(size=probes * 10_000)
    assert pytest.approx(probes**2) == worth(first, second, values)


def test_repeated_comparisons_of_a_pair_are_worth_one() -> None:
    """The same rows repeated ten times are worth no more than once."""
    first, second = everybody(40)
    values = np.random.default_rng(2).normal(size=1560)
    once = worth(first, second, values)
    assert worth(np.tile(first, 10), np.tile(second, 10), np.tile(values, 10)) < 1.3 * once


def test_people_are_known_by_mated_rows() -> None:
    """Images that mated rows connect are one person, whom the rows with any of these images share."""
    probe, reference = np.array([0, 0, 1], np.int32), np.array([1, 2, 3], np.int32)
    mated = np.array([True, False, False])
    table = ScoreTable(["a", "a2", "b", "c"], probe, reference, mated, ("x",), np.zeros((3, 1), np.float32))
    found = dyads_of(table, np.array([1, 2]))
    assert found.first[0] == found.first[1]
    assert found.pair[0] != found.pair[1]
