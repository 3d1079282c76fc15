"""Bounds on the ratios of groups' rates, on people whose rates are known."""

from __future__ import annotations

import pytest

from evaluation.report.groups.asked import BASES, ERRORS, Asked, Bound
from evaluation.report.groups.bounds import CANNOT_TELL, EXCEEDED, WITHIN, compared, judged
from evaluation.report.groups.measured import Grouped
from tests.unit.evaluation.report.groups.crowds import of_cameras, of_mated, of_non_mated

SEEDS = 100


def share(found, bound, verdict):
    """The share of differentials with this verdict."""
    return sum(compared(each, bound)[0] == verdict for each in found) / len(found)


@pytest.fixture(scope="module")
def equal():
    """Sets of four groups with the same rates, by error."""
    mated = [of_mated(seed, (60, 60, 30, 90), (0.1,) * 4) for seed in range(SEEDS)]
    return {"FNMR": mated, "FMR": [of_non_mated(seed, (30, 30, 20, 40), (0.05,) * 4) for seed in range(SEEDS)]}


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("error", ERRORS)
def test_equal_groups_are_rarely_said_to_differ(equal, error, base):
    """Of many sets at most 5 % exceed even the bound 1."""
    assert share(equal[error], Bound(error, base, 1.0), EXCEEDED) <= 0.05


def test_cameras_that_see_the_same_people_are_rarely_said_to_differ():
    """The errors of a person before both go together, which is never taken for a difference."""
    found = [of_cameras(seed, 60, 0.1) for seed in range(SEEDS)]

    assert share(found, Bound("FNMR", "best", 1.0), EXCEEDED) <= 0.05


def test_a_difference_at_the_bound_is_rarely_said_to_exceed_it():
    """One group misses exactly twice as often as each other: at most 5 % of the sets exceed the bound 2."""
    found = [of_mated(seed, (80, 80, 80), (0.1, 0.1, 0.2)) for seed in range(SEEDS)]

    assert share(found, Bound("FNMR", "best", 2.0), EXCEEDED) <= 0.05


@pytest.mark.parametrize("base", BASES)
def test_a_difference_that_was_made_is_found(base):
    """A group that misses four times as often as the others exceeds the bound 1 in at least 95 % of the sets."""
    found = [of_mated(seed, (80, 80, 80), (0.1, 0.1, 0.4)) for seed in range(SEEDS // 4)]

    assert share(found, Bound("FNMR", base, 1.0), EXCEEDED) >= 0.95


def test_a_difference_of_false_matches_is_found():
    """A group that matches six times as often within itself is found in at least 90 % of the sets."""
    found = [of_non_mated(seed, (60, 60, 60), (0.02, 0.02, 0.12)) for seed in range(SEEDS // 4)]

    assert share(found, Bound("FMR", "best", 1.0), EXCEEDED) >= 0.9


def test_many_people_show_that_a_bound_is_kept():
    """Equal groups of 400 people are within the bound 3."""
    assert WITHIN == compared(of_mated(1, (400, 400), (0.2, 0.2)), Bound("FNMR", "best", 3.0))[0]


def test_few_people_show_nothing_and_are_named():
    """A group of nine people is too small, whatever the others do; that is said, and is no failure."""
    verdict, text = compared(of_mated(1, (400, 400, 9), (0.2, 0.2, 0.2)), Bound("FNMR", "best", 3.0))

    assert CANNOT_TELL == verdict
    assert "too small: group 2" in text


def test_a_group_that_is_too_small_does_not_hide_another():
    """The bound is exceeded by two large groups, with the worst group, its ratio and the interval in the text."""
    found = of_mated(1, (300, 300, 9), (0.05, 0.4, 0.05))
    verdict, text = compared(found, Bound("FNMR", "best", 2.0))

    assert EXCEEDED == verdict
    assert text.startswith(f"group 1 has {found.worst_to_best.value:.2f} times that of group 0 (95 %: ")


def test_without_errors_nothing_can_be_told():
    """If nobody errs, every group is too small for a rate."""
    verdict, text = compared(of_mated(1, (30, 30), (1e-12, 1e-12)), Bound("FNMR", "all", 2.0))

    assert (CANNOT_TELL, "too small: group 0, group 1.") == (verdict, text)


def test_every_bound_has_a_verdict_for_each_column_and_point():
    """A point that is not carried has one too; the sentence names error, column and point."""
    found = Grouped("sex", {}, 0, (of_mated(1, (300, 300), (0.05, 0.4)),), ())
    bounds = (Bound("FNMR", "best", 2.0), Bound("FMR", "mean", 3.0))
    verdicts = judged([found], Asked(("sex",), (1e-4,), (0.0,), bounds))

    assert [EXCEEDED, CANNOT_TELL, CANNOT_TELL] == [each.verdict for each in verdicts]
    assert verdicts[0].text.startswith("FNMR by sex at score 0 exceeds the ratio 2: group 1 has ")
    assert (
        "FMR by sex at FMR 10⁻⁴ cannot tell whether it is within the ratio 3: too few comparisons." == verdicts[2].text
    )
