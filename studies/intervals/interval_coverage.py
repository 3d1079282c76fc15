"""`python -m studies.intervals.interval_coverage`: how often 95 % intervals contain the true rate.

1. Draw sets of people from a simulated population (`studies.intervals.menagerie`) whose error rates are known exactly.
2. Compute the interval of each set by a rule (`studies.intervals.interval_rules`).
3. Count how often the interval contains the true rate, and take the median of its upper end.
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
    """Coverage of the intervals of one figure.

    Args:
        sets: number of sets in which it was measured: those with enough non-mated comparisons for its FMR.
        held: share of them whose interval contains the true rate; NaN for no set.
        upper: median upper end, 0–1; NaN for no set.
    """

    sets: int
    held: float
    upper: float


def coverage(population: Population, rule: Rule, subjects: int, eer: float, sets: int) -> tuple[Coverage, ...]:
    """The coverage of each of `FIGURES`.

    Args:
        population: population that people are drawn from.
        rule: rule that makes the intervals.
        subjects: number of people in a set.
        eer: the true EER, which is also the true FNMR and FMR at the fixed threshold.
        sets: number of sets drawn; the same sets for every rule.
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
    """A Markdown table: for each rule, population and number of people, one row per true EER."""
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
