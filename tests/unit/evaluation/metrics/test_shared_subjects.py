"""Effective number of independent comparisons among those of a few subjects."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from evaluation.metrics.dyads import Dyads
from evaluation.metrics.shared_subjects import Comparisons, SubjectErrors


def all_pairs(subjects, samples, seed, share=0.5):
    """Gaussian scores of all pairs of samples; this share of the mated variance comes from the person."""
    random = np.random.default_rng(seed)
    subject = np.repeat(np.arange(subjects), samples)
    first, second = (subject[side] for side in np.triu_indices(subject.size, 1))
    same = first == second
    person = random.normal(0.0, share**0.5, subjects)
    scores = np.where(same, 3.0 + person[first], 0.3 * (person[first] + person[second]))
    scores = scores + random.normal(0.0, (1.0 - share) ** 0.5, same.size)
    return tuple(Comparisons(scores[kind], first[kind], second[kind]) for kind in (same, ~same))


@pytest.mark.parametrize("kind", [0, 1])
def test_correlation_is_that_of_all_comparisons_that_share_a_subject(kind):
    """Σ of residuals' products over all two comparisons with a common subject, one by one, as `Dyads` has it too."""
    side = all_pairs(9, 3, 1)[kind]
    errors = (SubjectErrors.of_mated, SubjectErrors.of_non_mated)[kind](side)
    pairs = list(zip(side.first.tolist(), side.second.tolist(), strict=True))
    shared = np.array([[bool({*one} & {*other}) for other in pairs] for one in pairs])
    order = np.argsort(side.scores if kind == 0 else -side.scores)
    count, subjects, each = len(pairs), 9.0, kind + 1.0
    for seen, rho in zip(errors.errors.tolist(), errors.rho.tolist(), strict=True):
        rate = seen / count
        residual = np.full(count, -rate)
        residual[order[:seen]] += 1.0
        variance = residual @ shared @ residual / count**2
        assert variance == pytest.approx(Dyads.of(side.first, side.second).variance(residual))
        variance *= subjects / (subjects - each**2)
        effect = variance * count / (rate * (1.0 - rate))
        expected = (effect - 1.0) / (count * each / subjects - 1.0)
        assert min(1.0, max(0.0, expected)) == pytest.approx(rho, abs=1e-9)


def test_one_comparison_each_is_as_good_as_independent():
    """100 people with one comparison each, half failed: limits 50 % ± 9.8 %, widened by Student's quantile."""
    people = np.arange(100)
    errors = SubjectErrors.of_mated(Comparisons(np.where(people % 2, -inf, 1.0), people, people))
    low, high = errors.limits(errors.at(0.5))

    assert 50 == errors.at(0.5)
    assert (0.40, 0.60) == pytest.approx((float(low), float(high)), abs=0.01)


def test_samples_of_one_subject_are_not_taken_for_more_people():
    """Ten identical copies of every comparison leave the limits as they are."""
    people = np.repeat(np.arange(30), 5)
    once = Comparisons(people % 7.0, people, people)
    ten = Comparisons(*(np.repeat(each, 10) for each in (once.scores, once.first, once.second)))
    one, many = (SubjectErrors.of_mated(side) for side in (once, ten))

    assert one.limits(one.at(3.0))[1] == pytest.approx(many.limits(many.at(3.0))[1])
    assert 29.0 < float(one.effective(one.at(3.0))) < 31.0


@pytest.mark.parametrize(("kind", "worth"), [(0, 10.0), (1, 5.0)])
def test_where_nothing_is_known_subjects_count(kind, worth):
    """If no error was observed at any threshold, ten people are worth ten mated or five non-mated comparisons."""
    side = all_pairs(10, 4, 1)[kind]
    level = Comparisons(np.zeros(side.scores.size), side.first, side.second)
    errors = (SubjectErrors.of_mated, SubjectErrors.of_non_mated)[kind](level)

    assert worth == pytest.approx(float(errors.effective(0)))
    assert 1.0 - 0.025 ** (1.0 / worth) == pytest.approx(float(errors.limits(0)[1]))


def test_what_a_person_shares_at_common_errors_counts_at_rare_ones():
    """Without errors, the effective number lies between people and comparisons, lower where people differ more."""
    alike, differing = (SubjectErrors.of_mated(all_pairs(30, 8, 2, share)[0]) for share in (0.01, 0.7))

    assert 30.0 < float(differing.effective(0)) < 0.6 * float(alike.effective(0))
    assert float(alike.effective(0)) < 30 * 28


@pytest.mark.parametrize("subjects", [2, 3, 4])
def test_few_people_say_no_more_than_their_number(subjects):
    """Two to four people are worth the pairs without a common person that they can form."""
    errors = SubjectErrors.of_non_mated(all_pairs(subjects, 4, 1)[1])
    assert subjects / 2.0 == pytest.approx(float(errors.effective(5)))


def test_errors_are_counted_below_and_from_the_threshold_on():
    """A score equal to the threshold matches; a comparison that could not be made never does."""
    people = np.arange(4)
    side = Comparisons(np.array([-inf, 1.0, 2.0, 3.0]), people, people)

    assert [1, 2, 4] == SubjectErrors.of_mated(side).at([1.0, 2.0, 9.0]).tolist()
    assert [3, 2, 0] == SubjectErrors.of_non_mated(side).at([1.0, 2.0, 9.0]).tolist()


def test_a_single_comparison_is_one():
    """A single comparison is worth one, and gives limits 0 and 1."""
    one = np.zeros(1, np.int64)
    low, high = SubjectErrors.of_mated(Comparisons(np.ones(1), one, one)).limits(0)

    assert (0.0, 0.975) == pytest.approx((float(low), float(high)))
