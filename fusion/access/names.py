"""Names and patterns of callers and galleries in a policy."""

from __future__ import annotations

from collections.abc import Iterable

EVERYTHING = "*"
"""The pattern of every name; as a gallery: all of them."""


def matches(pattern: str, name: str) -> bool:
    """Whether a name is meant. A pattern ends with `*`, which stands for any text; anything else is a name itself."""
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern


def any_matches(patterns: Iterable[str], name: str) -> bool:
    """Whether one of the patterns means the name."""
    return any(matches(each, name) for each in patterns)


def covers(patterns: Iterable[str], others: Iterable[str]) -> bool:
    """Whether every name that one of `others` means is meant by one of `patterns` too."""
    patterns = tuple(patterns)
    return all(any(_covers(each, other) for each in patterns) for other in others)


def _covers(pattern: str, other: str) -> bool:
    if other.endswith("*"):
        return pattern.endswith("*") and other[:-1].startswith(pattern[:-1])
    return matches(pattern, other)
