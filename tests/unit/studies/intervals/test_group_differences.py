"""The study of groups that differ."""

from __future__ import annotations

import numpy as np
import pytest
from click.testing import CliRunner

from studies.intervals.group_differences import Trial, main
from studies.intervals.menagerie import POPULATIONS


@pytest.mark.parametrize("error", ["FMR", "FNMR"])
def test_the_last_group_differs_by_the_ratio(error: str) -> None:
    """Over several sets of people who are alike, its rate is four times that of the first."""
    trial = Trial(POPULATIONS["alike"], (40, 40), 0.1, 0.05, error, 4.0)
    rates = [trial.rates(*trial.draw(np.random.default_rng(seed))) for seed in range(5)]
    errors = np.array([[[group.errors, group.count] for group in each.groups] for each in rates]).sum(axis=0)

    assert pytest.approx(4.0, rel=0.2) == np.divide(*errors[1]) / np.divide(*errors[0])


def test_a_row_for_each_error_and_base() -> None:
    """The verdicts of a row add up to the number of sets."""
    words = ["--sets", "2", "--people", "12,12", "--error", "FNMR", "--base", "best", "--base", "all", "--pairs-alone"]
    lines = CliRunner().invoke(main, words).stdout.splitlines()[3:]

    assert ["best", "all", "best, pairs alone"] == [line.split(" | ")[4] for line in lines]
    assert [2, 2] == [sum(map(int, line.strip(" |").split(" | ")[5:])) for line in lines[:2]]
