"""`python -m studies.intervals.interval_coverage`: how often 95 % intervals hold the truth, where the truth is known.

1. Draw sets of people from a made-up population (`studies.intervals.menagerie`) whose error rates are known exactly.
2. Give each set to a rule for intervals (`studies.intervals.interval_rules`).
3. Count how often the interval holds the true rate, and take the median of its upper end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import click
import numpy as np

from evaluation.metrics.verification import carries
from studies.intervals.interval_rules import FIGURES, RULES, TARGETS, Rule
from studies.intervals.menagerie import POPULATIONS, Population

SUBJECTS = (10, 20, 60, 200)
EERS = (0.001, 0.01, 0.1)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of one figure.

    Args:
        sets: in which it was measured: those whose non-mated comparisons carry its FMR.
        held: share of them whose interval holds the true rate; NaN of none.
        upper: median upper end, 0–1; NaN of none.
    """

    sets: int
    held: float
    upper: float


def coverage(population: Population, rule: Rule, subjects: int, eer: float, sets: int) -> tuple[Coverage, ...]:
    """One per figure of `FIGURES`.

    Args:
        population: people are drawn from it.
        rule: makes the intervals.
        subjects: people in a set.
        eer: the true EER, and the true FNMR and FMR at the fixed threshold.
        sets: how many are drawn; the same ones for every rule.
    """
    mates, threshold = population.mates_at(eer), population.threshold_at(eer)
    truth = [eer, *(population.fnmr(population.threshold_at(target), mates) for target in TARGETS), eer, eer]
    held: list[list[bool]] = [[] for _ in FIGURES]
    upper: list[list[float]] = [[] for _ in FIGURES]
    for number in range(sets):
        sides = population.draw(subjects, mates, np.random.default_rng((number, subjects)))
        shown = [True, *(carries(sides[1].scores.size, target) for target in TARGETS), True, True]
        for place, interval in enumerate(rule(*sides, threshold)):
            if shown[place]:
                held[place].append(interval.low <= truth[place] <= interval.high)
                upper[place].append(interval.high)
    return tuple(
        Coverage(len(one), float(np.mean(one)), float(np.median(ends))) if one else Coverage(0, np.nan, np.nan)
        for one, ends in zip(held, upper, strict=True)
    )


def lines(rules: list[str], populations: list[str], subjects: list[int], sets: int) -> Iterator[str]:
    """A table: for each rule, population and number of people a row per true EER."""
    yield "| rule | population | people | EER, % | " + " | ".join(FIGURES) + " |"
    yield "|---" * (4 + len(FIGURES)) + "|"
    for rule in rules:
        for population in populations:
            for count in subjects:
                for eer in EERS:
                    found = coverage(POPULATIONS[population], RULES[rule], count, eer, sets)
                    cells = " | ".join(_cell(each) for each in found)
                    yield f"| {rule} | {population} | {count} | {100 * eer:g} | {cells} |"


def _cell(found: Coverage) -> str:
    return f"{100 * found.held:.1f}, ≤ {100 * found.upper:.3g}" if found.sets else "–"


@click.command()
@click.option("--rule", "rules", type=click.Choice(list(RULES)), multiple=True, default=["percentiles", "effective"])
@click.option(
    "--population", "populations", type=click.Choice(list(POPULATIONS)), multiple=True, default=list(POPULATIONS)
)
@click.option("--subjects", type=int, multiple=True, default=list(SUBJECTS), help="People in a set.")
@click.option("--sets", type=int, default=200, help="Sets that are drawn for each row.")
def main(rules: tuple[str, ...], populations: tuple[str, ...], subjects: tuple[int, ...], sets: int) -> None:
    """Print how many of 100 intervals hold the true rate, and the median of their upper ends in percent."""
    for line in lines(list(rules), list(populations), list(subjects), sets):
        click.echo(line)


if __name__ == "__main__":
    main()
