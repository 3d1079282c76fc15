"""Lets long computations stop when no caller waits any more: they check between pieces of about 10 ms."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator

from biometrics.errors import DeadlineExpired

IsWanted = Callable[[], bool]
"""Returns whether a caller still waits for the result."""

PIECE_S = 0.01
"""Seconds that a piece of work should take."""
FIRST_PIECE = 4
"""Number of things in the first piece. Two fingerprints of a hundred minutiae that are all alike take 7 ms."""


def always() -> bool:
    """Return True: the caller waits however long it takes."""
    return True


def check(is_wanted: IsWanted) -> None:
    """Return if a caller still waits.

    Raises:
        DeadlineExpired: no caller waits any more.
    """
    if not is_wanted():
        raise DeadlineExpired("The time for this call is used up.")


def pieces(count: int, is_wanted: IsWanted) -> Iterator[slice]:
    """Yield slices of `count` things, in order, each sized by how long the last one took.

    Raises:
        DeadlineExpired: no caller waits any more.
    """
    first, size = 0, FIRST_PIECE
    while first < count:
        check(is_wanted)
        begin = time.perf_counter()
        yield slice(first, min(first + size, count))
        first += size
        size = _next_size(size, time.perf_counter() - begin)


def in_steps(count: int, work: Callable[[slice], None], is_wanted: IsWanted) -> Generator[None, None, None]:
    """Do work on slices of `count` things, as those of `pieces`, and yield after each; time spent there does not count.

    Raises:
        DeadlineExpired: no caller waits any more.
    """
    first, size = 0, FIRST_PIECE
    while first < count:
        check(is_wanted)
        begin = time.perf_counter()
        work(slice(first, min(first + size, count)))
        first += size
        size = _next_size(size, time.perf_counter() - begin)
        yield


def _next_size(size: int, took_s: float) -> int:
    return max(1, min(4 * size, int(size * PIECE_S / max(took_s, 1e-9))))
