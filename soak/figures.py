"""What a campaign found, beside what was asked for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    Args:
        what: what was measured, with its sizes.
        goal: what it is to be, in words.
        found: what was measured, in words.
        is_reached: whether it is as it is to be.
    """

    what: str
    goal: str
    found: str
    is_reached: bool
