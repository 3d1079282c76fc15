"""Whether somebody still waits for what is being worked on; long work asks between pieces of about 20 ms."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from biometrics.errors import DeadlineExpired

IsWanted = Callable[[], bool]

PIECE_S = 0.02
FIRST_PIECE = 32


def always() -> bool:
    """Somebody waits however long it takes."""
    return True


def check(is_wanted: IsWanted) -> None:
    """Go on only while somebody waits.

    Raises:
        DeadlineExpired: nobody does.
    """
    if not is_wanted():
        raise DeadlineExpired("The time for this call is used up.")


def pieces(count: int, is_wanted: IsWanted) -> Iterator[slice]:
    """Parts of `count` things, in order, each sized by how long the last took.

    Raises:
        DeadlineExpired: nobody waits any more.
    """
    first, size = 0, FIRST_PIECE
    while first < count:
        check(is_wanted)
        begin = time.perf_counter()
        yield slice(first, min(first + size, count))
        first += size
        took = time.perf_counter() - begin
        size = max(1, min(4 * size, int(size * PIECE_S / max(took, 1e-9))))
