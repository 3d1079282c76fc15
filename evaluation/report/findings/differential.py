"""Differential performance: error rates of groups of people at a common threshold (ISO/IEC 19795-10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics.intervals import Interval
from evaluation.metrics.shared_subjects import Comparisons
from evaluation.report.findings.outcome import Column, Outcome
from evaluation.report.findings.rates import Rate, quotient, rates_at

FEW = 10
"""With fewer errors than this, a group's rate is uncertain."""


@dataclass(frozen=True, slots=True)
class GroupRate:
    """A group's rate, and its ratio to the rate of all groups together (None where these have no errors)."""

    group: str
    rate: Rate | None
    ratio: float | None
    ratio_interval: Interval | None


@dataclass(frozen=True, slots=True)
class Differential:
    """One error rate (FMR or FNMR) at the fused threshold of one target.

    Args:
        error: "FMR" or "FNMR".
        target: FMR of all groups together that the threshold is set for, 0–1.
        pooled: the rate of all groups together.
        groups: one per group.
        worst_to_best: highest over lowest rate of a group with comparisons; None where the lowest has no error.
        worst_to_best_interval: its 95 % interval; None where it has none.
    """

    error: str
    target: float
    pooled: Rate
    groups: tuple[GroupRate, ...]
    worst_to_best: float | None
    worst_to_best_interval: Interval | None


def measure(
    outcome: Outcome, fused: Column, targets: Sequence[float], thresholds: Sequence[float | None]
) -> list[Differential]:
    """FMR and FNMR of each group at each target that has a threshold; empty without groups."""
    if outcome.group is None or not outcome.group_names:
        return []
    carried = [(target, at) for target, at in zip(targets, thresholds, strict=True) if at is not None]
    found = []
    for error, mated in (("FMR", False), ("FNMR", True)):
        group, side = _side(outcome, fused, outcome.group, mated=mated)
        if side.scores.size and carried:
            found += _measured(error, side, group, outcome.group_names, carried)
    return found


def _side(
    outcome: Outcome, fused: Column, group: NDArray[np.int32], *, mated: bool
) -> tuple[NDArray[np.int32], Comparisons]:
    """Rows of one kind that belong to a group; non-mated ones only where something was compared."""
    rows = np.flatnonzero((group >= 0) & (outcome.mated if mated else ~outcome.mated & ~np.isnan(fused.llr)))
    llr = fused.llr[rows]
    llr[np.isnan(llr)] = -np.inf
    return group[rows], Comparisons(llr, outcome.first[rows], outcome.second[rows])


def _measured(
    error: str,
    side: Comparisons,
    group: NDArray[np.int32],
    names: tuple[str, ...],
    carried: list[tuple[float, float]],
) -> list[Differential]:
    thresholds = [at for _, at in carried]
    of_all = rates_at(side, thresholds, matched=error == "FMR")
    parts = [
        [rates_at(_part(side, rows), thresholds, matched=error == "FMR") for rows in (group == g, group != g)]
        for g in range(len(names))
    ]
    found = []
    for place, (target, _) in enumerate(carried):
        pooled = of_all[place]
        assert pooled is not None, "there are rows"
        groups = [_group(name, pooled, own[place], rest[place]) for name, (own, rest) in zip(names, parts, strict=True)]
        found.append(_differential(error, target, pooled, groups))
    return sorted(found, key=lambda each: -each.target)


def _part(side: Comparisons, rows: NDArray[np.bool_]) -> Comparisons:
    return Comparisons(side.scores[rows], side.first[rows], side.second[rows])


def _group(name: str, pooled: Rate, own: Rate | None, rest: Rate | None) -> GroupRate:
    if own is None or not pooled.errors:
        return GroupRate(name, own, None, None)
    return GroupRate(name, own, own.value / pooled.value, _to_all(own, rest) if rest else None)


def _to_all(own: Rate, rest: Rate) -> Interval:
    """Limits of the ratio of a group's rate to the rate of all.

    They follow from the limits of the ratio to the rate of the rest (everybody else), since the rate of all is the
    mean of group and rest, weighted by their counts.
    """
    share = own.count / (own.count + rest.count)
    limits = quotient(own, rest)
    low, high = (1.0 / (share + (1.0 - share) / each) if each else 0.0 for each in (limits.low, limits.high))
    return Interval(low, high)


def _differential(error: str, target: float, pooled: Rate, groups: Sequence[GroupRate]) -> Differential:
    rates = (group.rate for group in groups)
    there = sorted((rate for rate in rates if rate is not None), key=lambda rate: rate.value)
    if not there or not there[0].errors:
        return Differential(error, target, pooled, tuple(groups), None, None)
    worst, best = there[-1], there[0]
    return Differential(error, target, pooled, tuple(groups), worst.value / best.value, quotient(worst, best))
