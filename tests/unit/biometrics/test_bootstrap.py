"""Bootstrap intervals over subjects."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from biometrics.bootstrap import Comparisons, Interval, bootstrap
from biometrics.metrics import equal_error_rate, error_curve, fnmr_at_fmr


def compare_all(subjects: int, samples: int, seed: int, shift: float = 3.0) -> tuple[Comparisons, Comparisons]:
    """Gaussian scores of all pairs of samples; each subject has a quality of its own."""
    random = np.random.default_rng(seed)
    subject = np.repeat(np.arange(subjects), samples)
    first, second = (subject[side] for side in np.triu_indices(subject.size, 1))
    same = first == second
    ease = random.normal(0.0, 1.0, subjects)
    scores = random.normal(0.0, 1.0, same.size) + np.where(same, shift + ease[first], 0.0)
    return tuple(Comparisons(scores[kind], first[kind], second[kind]) for kind in (same, ~same))


def test_intervals_surround_the_estimate():
    """EER and FNMR at FMR 1 % and 0.1 % lie inside of their intervals, which are not empty."""
    genuine, impostor = compare_all(60, 4, 1)
    found = bootstrap(genuine, impostor, (1e-2, 1e-3), replicates=300)
    eer = equal_error_rate(error_curve(genuine.scores, impostor.scores))

    assert found.eer.low < eer < found.eer.high
    for target, interval in zip((1e-2, 1e-3), found.fnmr, strict=True):
        assert interval.low < fnmr_at_fmr(genuine.scores, impostor.scores, target) < interval.high


def test_intervals_cover_the_true_rate_about_as_often_as_they_say():
    """Of 40 sets, at least 32 intervals of 90 % hold the EER of a set 13 times as large."""
    truth = equal_error_rate(error_curve(*(side.scores for side in compare_all(400, 4, 99))))
    intervals = [bootstrap(*compare_all(30, 4, seed), (), replicates=100, level=0.9).eer for seed in range(40)]

    assert sum(each.low <= truth <= each.high for each in intervals) >= 32


def test_samples_of_one_subject_are_not_taken_for_more_people():
    """The interval of 30 people with alike samples is not narrowed by repeating every comparison ten times."""
    genuine, impostor = compare_all(30, 4, 3)
    repeated = [
        Comparisons(*(np.repeat(each, 10) for each in (s.scores, s.first, s.second))) for s in (genuine, impostor)
    ]
    once = bootstrap(genuine, impostor, (), replicates=200).eer
    many = bootstrap(*repeated, (), replicates=200).eer

    assert once.high - once.low == pytest.approx(many.high - many.low, rel=0.1)


def test_independent_people_have_the_binomial_interval():
    """One genuine comparison of each of 100 people, half of them failed: the FNMR is 50 % ± 9.8 %."""
    people = np.arange(100)
    genuine = Comparisons(np.where(people % 2, -inf, 1.0), people, people)
    impostor = Comparisons(np.zeros(99), people[:-1], people[1:])
    interval = bootstrap(genuine, impostor, (0.1,)).fnmr[0]

    assert (0.402, 0.598) == pytest.approx((interval.low, interval.high), abs=0.02)


@pytest.mark.parametrize("wolf", [0, 9])
def test_an_impostor_counts_only_where_both_people_are_drawn(wolf):
    """All false matches are with one person of ten, who is missing in a third of the replicates: FNMR 0 to 1."""
    people = np.arange(10)
    first, second = np.triu_indices(10, 1)
    impostor = Comparisons(np.where((first == wolf) | (second == wolf), 2.0, 0.0), first, second)
    interval = bootstrap(Comparisons(np.ones(10), people, people), impostor, (0.1,)).fnmr[0]

    assert Interval(0.0, 1.0) == interval


def test_the_same_seed_gives_the_same_intervals():
    """Two runs agree, a run with another seed does not."""
    sides = compare_all(20, 3, 1)
    first, again, other = (bootstrap(*sides, (), replicates=50, seed=seed) for seed in (1, 1, 2))

    assert first == again
    assert first != other


def test_targets_beyond_the_impostor_count_have_no_interval():
    """A few hundred impostors carry FMR 10 %, not 1e-6."""
    found = bootstrap(*compare_all(10, 3, 1), (0.1, 1e-6), replicates=20)

    assert found.fnmr[0] is not None
    assert found.fnmr[1] is None


def test_no_errors_leave_the_rule_of_three():
    """Where the replicates have no error the upper limit is 3 over the number of subjects."""
    found = bootstrap(*compare_all(60, 3, 1, shift=50.0), (1e-2,), replicates=20)

    assert Interval(0.0, 3.0 / 60.0) == found.eer
    assert Interval(0.0, 3.0 / 60.0) == found.fnmr[0]


def test_failed_genuine_comparisons_are_in_the_intervals():
    """All comparisons of one subject in ten failed: the FNMR's interval lies around 10 %."""
    genuine, impostor = compare_all(50, 3, 1, shift=50.0)
    failed = Comparisons(np.where(genuine.first < 5, -inf, genuine.scores), genuine.first, genuine.second)
    interval = bootstrap(failed, impostor, (1e-2,), replicates=300).fnmr[0]

    assert 0.0 < interval.low < 0.1 < interval.high < 0.3


def test_two_people_are_too_few_for_an_interval_narrower_than_everything():
    """With one genuine subject and one impostor pair every usable replicate draws both, and none contradicts."""
    one = np.zeros(1, np.int64)
    found = bootstrap(Comparisons(np.ones(1), one, one), Comparisons(np.zeros(1), one, one + 1), (), replicates=20)

    assert Interval(0.0, 1.0) == found.eer
