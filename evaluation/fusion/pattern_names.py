"""Patterns of present scores in words. This module needs no package of the `evaluation` extra."""

from __future__ import annotations

from collections.abc import Sequence


def described(comparators: Sequence[str], pattern: int) -> str:
    """A pattern in words: the comparators' names, "and quality" after those whose quality is known too."""
    count = len(comparators)
    return " + ".join(
        f"{name} and quality" if pattern >> count + place & 1 else name
        for place, name in enumerate(comparators)
        if pattern >> place & 1
    )
