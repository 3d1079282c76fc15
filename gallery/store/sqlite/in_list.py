"""Lists of values in SQL statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

Value = TypeVar("Value")

MOST = 500
"""Most bound values in one statement."""


def in_list(numbers: Iterable[int]) -> str:
    """Numbers as a list in SQL, e.g. `(1,2)`."""
    return f"({','.join(str(int(each)) for each in numbers)})"


def chunks(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """The values in pieces of `MOST` at most."""
    return (values[start : start + MOST] for start in range(0, len(values), MOST))


def marks(values: Sequence[object]) -> str:
    """A list of as many bound values, e.g. `(?,?)`."""
    return f"({','.join('?' * len(values))})"
