"""The figures of a campaign, each with its goal."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    Args:
        what: the quantity measured, with sizes.
        goal: the required value, as text.
        found: the measured value, as text.
        is_reached: whether the goal is reached.
    """

    what: str
    goal: str
    found: str
    is_reached: bool
