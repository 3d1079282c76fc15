"""Differential performance: error rates of groups of people at a common threshold (ISO/IEC 19795-10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics.shared_subjects import Comparisons, SubjectErrors
from evaluation.report.findings.number_text import power
from evaluation.report.findings.outcome import Column, Outcome
from evaluation.report.findings.rates import Rate, rate_at
from evaluation.report.findings.ratios import Part, Ratio, largest, to_all, worst_to_best, worst_to_mean

FEWEST_PEOPLE = 10
"""A group of fewer people is too small: its interval spans a third of all rates even if nobody errs."""
FEWEST_ERRORS = 3.0
"""Independent errors that a group must have, or would have at the rate of all groups (rule of three)."""


@dataclass(frozen=True, slots=True)
class GroupRate:
    """A group's rate.

    Args:
        group: its name.
        people: number of people in its comparisons.
        errors: number of its errors.
        count: number of its comparisons.
        too_small: whether it is too small for a rate: fewer than 10 people, or comparisons that are worth less than 3
            independent errors, both at its own rate and at that of all groups together.
        rate: its rate; None where it is too small.
        ratio: its rate over that of all groups together; None where it is too small, or there is no error.
    """

    group: str
    people: int
    errors: int
    count: int
    too_small: bool
    rate: Rate | None
    ratio: Ratio | None


@dataclass(frozen=True, slots=True)
class Differential:
    """One error rate (FMR or FNMR) at one threshold, which all groups share.

    Args:
        error: "FMR" or "FNMR".
        target: FMR that the threshold is set for, 0–1; None for a threshold that was stated.
        threshold: of the score.
        pooled: the rate of all groups together.
        groups: one per group.
        worst_to_best: largest over smallest rate of the groups that are not too small; None with fewer than two.
        worst_to_mean: largest rate over the geometric mean of these; None also where one of them has no error.
    """

    error: str
    target: float | None
    threshold: float
    pooled: Rate
    groups: tuple[GroupRate, ...]
    worst_to_best: Ratio | None
    worst_to_mean: Ratio | None

    @property
    def point(self) -> str:
        """The operating point in words."""
        return f"score {self.threshold:.4g}" if self.target is None else f"FMR {power(self.target)}"

    @property
    def worst_to_all(self) -> Ratio | None:
        """Largest rate over that of all groups together; None where no group has such a ratio."""
        return largest([each.ratio for each in self.groups if each.ratio])

    @property
    def too_small(self) -> tuple[str, ...]:
        """The names of the groups that are too small for a rate."""
        return tuple(each.group for each in self.groups if each.too_small)


Points = Sequence[tuple[float | None, float]]
"""Operating points: the FMR that a threshold is set for (None for one that was stated), and the threshold."""


def measure(
    outcome: Outcome, fused: Column, targets: Sequence[float], thresholds: Sequence[float | None]
) -> list[Differential]:
    """FMR and FNMR of each group at each target that has a threshold; empty without groups."""
    if outcome.group is None or not outcome.group_names:
        return []
    carried = [(target, at) for target, at in zip(targets, thresholds, strict=True) if at is not None]
    carried.sort(key=lambda point: -point[0])
    found = []
    for error, mated in (("FMR", False), ("FNMR", True)):
        group, side = _side(outcome, fused, outcome.group, mated=mated)
        found += by_group(error, side, group, outcome.group_names, carried)
    return found


def _side(
    outcome: Outcome, fused: Column, group: NDArray[np.int32], *, mated: bool
) -> tuple[NDArray[np.int32], Comparisons]:
    """Rows of one kind that belong to a group; non-mated ones only where something was compared."""
    rows = np.flatnonzero((group >= 0) & (outcome.mated if mated else ~outcome.mated & ~np.isnan(fused.llr)))
    llr = fused.llr[rows]
    llr[np.isnan(llr)] = -np.inf
    return group[rows], Comparisons(llr, outcome.first[rows], outcome.second[rows])


def by_group(
    error: str,
    side: Comparisons,
    group: NDArray[np.integer],
    names: Sequence[str],
    points: Points,
    *,
    with_ratios: bool = True,
) -> list[Differential]:
    """The rate of each group at each operating point; empty without comparisons.

    Args:
        error: "FMR", then the comparisons are non-mated, or "FNMR".
        side: comparisons of all groups, shape (k,).
        group: index into `names` of each comparison, shape (k,).
        names: of the groups.
        points: thresholds that all groups share.
        with_ratios: whether to form ratios.
    """
    if not side.scores.size:
        return []
    counted = SubjectErrors.of_non_mated if error == "FMR" else SubjectErrors.of_mated
    pooled = counted(side)
    parts = []
    for number, name in enumerate(names):
        own, others = side.where(group == number), side.where(group != number)
        rest = counted(others) if with_ratios and others.scores.size else None
        people = np.unique(np.append(own.first, own.second)).size
        parts.append(_Group(name, people, Part(name, counted(own), rest) if own.scores.size else None))
    return [_differential(error, target, at, rate_at(pooled, at), parts, with_ratios) for target, at in points]


@dataclass(frozen=True, slots=True)
class _Group:
    name: str
    people: int
    part: Part | None
    """None where it has no comparisons."""

    def is_large(self, threshold: float, pooled: Rate) -> bool:
        """Whether it is large enough for a rate."""
        if self.part is None or self.people < FEWEST_PEOPLE:
            return False
        seen = int(self.part.own.at(threshold))
        worth = float(self.part.own.effective(seen))
        return worth * max(seen / self.part.own.count, pooled.value) >= FEWEST_ERRORS


def _differential(
    error: str,
    target: float | None,
    at: float,
    pooled: Rate,
    every: Sequence[_Group],
    with_ratios: bool,  # noqa: FBT001  # as by_group has it
) -> Differential:
    large = {each.name: each.part for each in every if each.part and each.is_large(at, pooled)}
    groups = tuple(_rate(each, large.get(each.name), at, len(large)) for each in every)
    compared = list(large.values()) if with_ratios else []
    return Differential(error, target, at, pooled, groups, worst_to_best(compared, at), worst_to_mean(compared, at))


def _rate(group: _Group, large: Part | None, threshold: float, count: int) -> GroupRate:
    errors, comparisons = (int(group.part.own.at(threshold)), group.part.own.count) if group.part else (0, 0)
    if large is None:
        return GroupRate(group.name, group.people, errors, comparisons, True, None, None)
    rate, ratio = rate_at(large.own, threshold), to_all(large, threshold, count)
    return GroupRate(group.name, group.people, errors, comparisons, False, rate, ratio)
