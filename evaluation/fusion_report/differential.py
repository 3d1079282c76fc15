"""Do groups of people meet different error rates at one threshold? (ISO/IEC 19795-10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.bootstrap import Comparisons, Interval
from biometrics.metrics import Floats
from biometrics.resampling import Cells, interval_of, percentiles, resample
from evaluation.fusion_report.outcome import Column, Outcome
from evaluation.fusion_report.rates import Rate

FEW = 10
"""Errors below which a group's rate says little."""


@dataclass(frozen=True, slots=True)
class GroupRate:
    """A group's rate, and its quotient by the rate of all groups together (None without errors in all)."""

    group: str
    rate: Rate | None
    ratio: float | None
    ratio_interval: Interval | None


@dataclass(frozen=True, slots=True)
class Differential:
    """One error rate (FMR or FNMR) at the fused threshold of one target.

    Args:
        error: "FMR" or "FNMR".
        target: FMR of all, 0–1.
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
    """Cells are (group, number of thresholds passed); each threshold splits a group's cells into match and not."""
    thresholds = np.array([at for _, at in carried])
    steps = len(carried) + 1
    order = np.argsort(thresholds, kind="stable")
    cell = group * steps + np.searchsorted(thresholds[order], side.scores, side="right")
    subjects = 1 + int(max(side.first.max(), side.second.max()))
    shape = (-1, len(names), steps)
    counts = np.bincount(cell, minlength=len(names) * steps).astype(np.float64).reshape(shape)
    replicates = resample(Cells(cell, side.first, side.second, len(names) * steps), subjects).reshape(shape)
    found = []
    for place, index in enumerate(order):
        wrong = slice(place + 1, None) if error == "FMR" else slice(None, place + 1)
        pairs = [(table[:, :, wrong].sum(axis=2), table.sum(axis=2)) for table in (counts, replicates)]
        found.append(_differential(error, carried[index][0], names, *pairs))
    return sorted(found, key=lambda each: -each.target)


Pair = tuple[Floats, Floats]
"""Errors and totals, shape (replicates, groups) each."""


def _differential(error: str, target: float, names: tuple[str, ...], seen: Pair, drawn: Pair) -> Differential:
    pooled = _rate((seen[0].sum(axis=1), seen[1].sum(axis=1)), (drawn[0].sum(axis=1), drawn[1].sum(axis=1)))
    assert pooled is not None, "there are rows"
    rates = [_rate((seen[0][:, g], seen[1][:, g]), (drawn[0][:, g], drawn[1][:, g])) for g in range(len(names))]
    by_group = _quotient(*drawn)
    ratios = _quotient(by_group, _quotient(drawn[0].sum(axis=1), drawn[1].sum(axis=1))[:, None])
    limits = _intervals(ratios)
    groups = tuple(
        GroupRate(name, rate, *((rate.value / pooled.value, limit) if rate and pooled.errors else (None, None)))
        for name, rate, limit in zip(names, rates, limits, strict=True)
    )
    values = [rate.value for rate in rates if rate]
    if not values or not min(values):
        return Differential(error, target, pooled, groups, None, None)
    there = by_group[:, [rate is not None for rate in rates]]
    spread = _intervals(_quotient(there.max(axis=1), there.min(axis=1))[:, None])[0]
    return Differential(error, target, pooled, groups, max(values) / min(values), spread)


def _rate(seen: Pair, drawn: Pair) -> Rate | None:
    errors, count = int(seen[0][0]), int(seen[1][0])
    return Rate(errors, count, interval_of(*drawn, errors, count)) if count else None


def _quotient(above: Floats, below: Floats) -> Floats:
    """NaN where the divisor is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(below > 0.0, above / below, np.nan))


def _intervals(values: Floats) -> list[Interval | None]:
    low, high = percentiles(values)
    return [Interval(float(a), float(b)) if np.isfinite(b) else None for a, b in zip(low, high, strict=True)]
