"""`python -m studies.intervals.group_differences`: how often groups' rates are said to exceed a bound.

Groups of made-up people (`menagerie`) are drawn many times. The last group's true rate is R times that of others, at
the threshold at which the true FMR of all comparisons within groups is the one asked for. The rates are taken, as in
`biofusion evaluate`, at the threshold where it is seen in the set. With R at the bound every EXCEEDED is a false alarm.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import click
import numpy as np

from evaluation.metrics.shared_subjects import Comparisons
from evaluation.metrics.verification import threshold_at_fmr
from evaluation.report.findings.differential import Differential, by_group
from evaluation.report.groups.asked import BASES, ERRORS, Bound
from evaluation.report.groups.bounds import CANNOT_TELL, EXCEEDED, WITHIN, compared
from studies.intervals.menagerie import POPULATIONS, Population, solved


@dataclass(frozen=True, slots=True)
class Trial:
    """Groups of one population, the last of which differs.

    Args:
        population: of all people.
        people: number of people of each group.
        eer: true EER of the groups that do not differ, 0–1.
        fmr: FMR that the threshold is set for, 0–1.
        error: "FMR" or "FNMR": the rate that differs.
        ratio: true rate of the last group over that of each other group.
    """

    population: Population
    people: tuple[int, ...]
    eer: float
    fmr: float
    error: str
    ratio: float

    def draw(self, random: np.random.Generator) -> tuple[list[Comparisons], float]:
        """The comparisons of each group that `error` is counted in, and the threshold."""
        mates = self.population.mates_at(self.eer)
        weights = np.square(self.people) / np.square(self.people).sum()
        of_others = self.fmr / (1.0 + weights[-1] * (self.ratio - 1.0)) if self.error == "FMR" else self.fmr
        at = self.population.threshold_at(of_others)
        lower = higher = 0.0
        if self.error == "FNMR":
            missed = self.ratio * self.population.fnmr(at, mates)
            lower = solved(lambda shift: self.population.fnmr(at, mates - shift) - missed)
        else:
            higher = solved(lambda shift: self.population.fmr(at - shift) - self.ratio * self.population.fmr(at))
        sides: list[tuple[Comparisons, Comparisons]] = []
        for number, people in enumerate(self.people):
            differs = number == len(self.people) - 1
            mated, other = self.population.draw(people, mates - lower * differs, random)
            sides.append((mated, Comparisons(other.scores + higher * differs, other.first, other.second)))
        threshold = threshold_at_fmr(np.concatenate([other.scores for _, other in sides]), self.fmr)
        return [side[self.error == "FMR"] for side in sides], threshold

    def rates(self, sides: Sequence[Comparisons], threshold: float) -> Differential:
        """The rates of groups."""
        names = [f"group {number + 1}" for number in range(len(sides))]
        (found,) = by_group(self.error, _joined(sides), _numbers(sides), names, [(self.fmr, threshold)])
        return found

    def exceeds_in_pairs(self, sides: Sequence[Comparisons], threshold: float, bound: Bound) -> bool:
        """Whether any two groups, each two held against the bound by themselves, exceed it."""
        pairs = [self.rates(pair, threshold) for pair in combinations(sides, 2)]
        return any(compared(each, bound)[0] == EXCEEDED for each in pairs)


def _joined(sides: Sequence[Comparisons]) -> Comparisons:
    """All comparisons, no person of two groups."""
    offsets = np.cumsum([0, *(1 + int(side.second.max()) for side in sides)])
    first = [side.first + offset for side, offset in zip(sides, offsets, strict=False)]
    second = [side.second + offset for side, offset in zip(sides, offsets, strict=False)]
    return Comparisons(np.concatenate([side.scores for side in sides]), np.concatenate(first), np.concatenate(second))


def _numbers(sides: Sequence[Comparisons]) -> np.ndarray:
    return np.repeat(np.arange(len(sides)), [side.scores.size for side in sides])


@click.command()
@click.option("--sets", default=100, show_default=True, help="Sets of people drawn for each row.")
@click.option("--population", "names", multiple=True, default=["menagerie"], type=click.Choice(list(POPULATIONS)))
@click.option("--people", "sizes", multiple=True, default=["50,50,50,50"], help="People of each group.")
@click.option("--error", "errors", multiple=True, default=ERRORS, type=click.Choice(ERRORS))
@click.option("--ratio", "ratios", multiple=True, default=[1.0], type=float, help="True ratio of the last group.")
@click.option("--base", "bases", multiple=True, default=["best"], type=click.Choice(list(BASES)))
@click.option("--most", default=1.0, show_default=True, help="The bound.")
@click.option("--eer", default=0.05, show_default=True)
@click.option("--fmr", default=0.01, show_default=True)
@click.option("--pairs-alone", is_flag=True, help="Also each two groups by themselves, without regard to the others.")
def main(
    sets: int,
    names: Sequence[str],
    sizes: Sequence[str],
    errors: Sequence[str],
    ratios: Sequence[float],
    bases: Sequence[str],
    most: float,
    eer: float,
    fmr: float,
    *,
    pairs_alone: bool,
) -> None:
    """Print a row for each population, size, error, ratio and base."""
    click.echo(f"bound {most:g}, EER {eer:g}, FMR {fmr:g}, {sets} sets")
    click.echo("| population | people of groups | error | ratio | over | exceeded | within | cannot tell |")
    click.echo("|---|---|---|---|---|---|---|---|")
    for name in names:
        for size in sizes:
            people = tuple(map(int, size.split(",")))
            for error in errors:
                for ratio in ratios:
                    trial = Trial(POPULATIONS[name], people, eer, fmr, error, ratio)
                    drawn = [trial.draw(np.random.default_rng(seed)) for seed in range(sets)]
                    found = [trial.rates(*each) for each in drawn]
                    for base in bases:
                        said = Counter(compared(each, Bound(error, base, most))[0] for each in found)
                        cells = " | ".join(str(said[verdict]) for verdict in (EXCEEDED, WITHIN, CANNOT_TELL))
                        click.echo(f"| {name} | {size} | {error} | {ratio:g} | {base} | {cells} |")
                    if pairs_alone:
                        bound = Bound(error, "best", most)
                        alarms = sum(trial.exceeds_in_pairs(*each, bound) for each in drawn)
                        click.echo(f"| {name} | {size} | {error} | {ratio:g} | best, pairs alone | {alarms} | – | – |")


if __name__ == "__main__":
    main()
