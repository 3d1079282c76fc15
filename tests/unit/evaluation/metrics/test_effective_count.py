"""The effective count of the comparisons behind a rate."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.data.scores import Scored
from evaluation.metrics.effective_count import People

PAIRS = np.triu_indices(40, 1)


def people(scores: np.ndarray, first: np.ndarray, second: np.ndarray) -> People:
    """Non-mated comparisons of the given people."""
    return People(Scored(scores, np.zeros(scores.size, bool), first, second))


def test_comparisons_that_do_not_differ_by_person_count_fully() -> None:
    """If scores do not depend on who is compared, 780 pairs are worth about 780, and never more."""
    random = np.random.default_rng(1)
    found = [people(random.normal(size=780), *PAIRS) for _ in range(20)]
    counts = [each.effective(each.scores > 0.0) for each in found]

    assert max(counts) <= 780
    assert 500 < float(np.mean(counts))


def test_many_images_of_a_pair_count_once() -> None:
    """Nine comparisons of the same two people that always agree count as one: the count is that of pairs of people."""
    random = np.random.default_rng(1)
    person = random.normal(size=40)
    scores = person[PAIRS[0]] + person[PAIRS[1]] + random.normal(size=780)
    once, nine = (people(np.repeat(scores, k), *(np.repeat(side, k) for side in PAIRS)) for k in (1, 9))

    assert once.effective(once.scores > 1.0) == pytest.approx(nine.effective(nine.scores > 1.0), rel=0.01)


def test_wolves_make_comparisons_count_less() -> None:
    """If two of 40 people match a third of everybody, the count is low, as the rate depends on these few people."""
    random = np.random.default_rng(1)
    is_wolf = (PAIRS[0] < 2) | (PAIRS[1] < 2)
    even, uneven = random.random(780) < 0.03, random.random(780) < np.where(is_wolf, 0.3, 0.015)
    counts = [people(hits.astype(float), *PAIRS).effective(hits) for hits in (even, uneven)]

    assert counts[1] < counts[0] / 4


def test_the_variance_is_that_of_sets_of_people() -> None:
    """p(1 − p) / count equals the variance of the rate over 400 sets of people whose scores differ by person."""
    random = np.random.default_rng(1)
    rates, variances = [], []
    for _ in range(400):
        person = random.normal(0.0, 0.5, 40)
        found = people(person[PAIRS[0]] + person[PAIRS[1]] + random.normal(size=780), *PAIRS)
        hits = found.scores > 2.0
        rates.append(hits.mean())
        variances.append(hits.mean() * (1.0 - hits.mean()) / found.effective(hits))

    assert np.var(rates) == pytest.approx(float(np.mean(variances)), rel=0.25)


def test_mated_comparisons_count_by_person() -> None:
    """Ten people whose six comparisons agree count as ten, reduced by the correction for few people."""
    person = np.repeat(np.arange(10), 6)
    found = people(np.where(person < 4, -1.0, 1.0), person, person)

    assert 5.0 < found.effective(found.scores < 0.0) < 10.0


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_few_comparisons_or_equal_ones_count_for_at_least_one(count: int) -> None:
    """Where nothing can be estimated the count is at least 1, and at most the number of comparisons."""
    found = people(np.zeros(count), np.zeros(count, int), np.arange(1, count + 1))

    assert 1.0 == found.rarest()


def test_a_rate_without_hits_is_below_the_claim_in_19_of_20_sets_of_people() -> None:
    """The rate at which other people exceed a set's highest score is at most 3 / count for 19 of 20 sets."""
    random = np.random.default_rng(1)

    def drawn() -> np.ndarray:
        person = random.normal(0.0, 0.5, 40)
        return np.asarray(person[PAIRS[0]] + person[PAIRS[1]] + random.exponential(1.0, 780))

    others = np.concatenate([drawn() for _ in range(500)])
    sets = [people(drawn(), *PAIRS) for _ in range(100)]
    broken = [np.mean(others > each.scores.max()) > 3.0 / each.rarest() for each in sets]

    assert np.count_nonzero(broken) <= 5
    assert 300.0 < float(np.median([each.rarest() for each in sets])) < 780.0
