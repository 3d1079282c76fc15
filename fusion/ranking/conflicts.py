"""Finds, in arrays, subjects whose samples disagree or match references of other positions than their own."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations

import numpy as np

from biometrics.template import Modality, Position
from fusion.evidence.likeness import OTHER_SOURCE_LLR
from fusion.ranking.comparison_table import Table
from fusion.ranking.sources import UNKNOWN, Flags


def is_crossed(table: Table) -> Flags:
    """Whether the best reference of any sample is of another known position than the sample's own; shape (n,)."""
    known = table.compared & (table.positions != UNKNOWN) & (table.met != UNKNOWN)
    return np.asarray((known & (table.met != table.positions)).any(axis=1))


def surely_differ(table: Table, rows: Flags, slack: float) -> Flags:
    """Whether two samples of one position, neither of them poor, surely disagree: one supports a match, one opposes it.

    Args:
        table: the comparisons of n subjects.
        rows: shape (n,): the subjects to examine; the others get False.
        slack: how far beyond its limit an LLR must be.

    Returns:
        bool, shape (n,).
    """
    clear, llrs = table.compared[rows] & ~table.poor, table.llrs[rows]
    against, in_favour = clear & (llrs <= OTHER_SOURCE_LLR - slack), clear & (llrs > slack)
    differ, found = np.zeros(rows.shape, np.bool_), np.zeros(len(llrs), np.bool_)
    for columns in _of_one_position(table):
        for one, other in permutations(columns, 2):
            alike = table.samples[one].likeness(table.samples[other])
            if not (alike and alike.relation.is_one_source):
                found |= against[:, one] & in_favour[:, other]
    differ[rows] = found
    return differ


def _of_one_position(table: Table) -> Iterable[list[int]]:
    """The columns of each stated position."""
    found: dict[tuple[Modality | None, Position], list[int]] = {}
    for column, each in enumerate(table.samples):
        if each.position is not Position.UNKNOWN:
            found.setdefault((each.modality, each.position), []).append(column)
    return found.values()
