"""Coverage of 95 % confidence intervals."""

from __future__ import annotations

import numpy as np
import pytest
from click.testing import CliRunner

from studies.intervals.interval_coverage import coverage, main
from studies.intervals.interval_rules import FIGURES, RULES
from studies.intervals.menagerie import POPULATIONS

SETS = 40
MADE = [("persons", 10, 0.001), ("persons", 10, 0.1), ("menagerie", 10, 0.1), ("menagerie", 20, 0.01)]


def held(rule):
    """Share of all sets whose interval contains the true rate, by figure."""
    found = [coverage(POPULATIONS[name], RULES[rule], people, eer, SETS) for name, people, eer in MADE]
    sums = {figure: [each[place] for each in found if each[place].sets] for place, figure in enumerate(FIGURES)}
    return {
        figure: sum(each.held * each.sets for each in parts) / sum(each.sets for each in parts)
        for figure, parts in sums.items()
    }


def test_intervals_hold_the_truth_of_few_people_who_differ():
    """Of 160 sets of 10 or 20 people who differ, at least 93 % of intervals contain the true rate, for every figure."""
    assert dict.fromkeys(FIGURES, True) == {figure: share >= 0.93 for figure, share in held("effective").items()}


def test_percentiles_of_replicates_do_not():
    """The former rule's intervals contain the EER and the FMR at a threshold in fewer than 90 of 100 sets."""
    former = held("percentiles")

    assert former["EER"] < 0.9
    assert former["FMR at a threshold"] < 0.9


@pytest.mark.parametrize("name", list(POPULATIONS))
def test_true_rates_are_those_of_many_people(name):
    """The true rates are those of 20 times 60 people, within a quarter."""
    population = POPULATIONS[name]
    mates, threshold = population.mates_at(0.1), population.threshold_at(0.1)
    sets = [population.draw(60, mates, np.random.default_rng(seed)) for seed in range(20)]
    missed, matched = (np.concatenate([sides[kind].scores for sides in sets]) for kind in (0, 1))

    assert 0.1 == pytest.approx(population.fnmr(threshold, mates)) == pytest.approx(population.fmr(threshold))
    assert 0.1 == pytest.approx(float(np.mean(missed < threshold)), rel=0.25)
    assert 0.1 == pytest.approx(float(np.mean(matched >= threshold)), rel=0.25)


def test_the_command_prints_a_row_per_rate():
    """For one population the table has a row for each of the three true rates."""
    run = CliRunner().invoke(
        main, ["--rule", "comparisons", "--population", "alike", "--subjects", "10", "--sets", "2"]
    )

    assert 0 == run.exit_code
    assert ["0.1", "1", "10"] == [line.split(" | ")[3] for line in run.output.splitlines()[2:]]
