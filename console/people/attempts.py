"""Slows down guessing of passwords: after some wrong ones a name is refused for a while."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

MOST = 5
"""Wrong passwords in a row that a name may have."""
PAUSE_S = 300.0
"""Seconds for which it is refused then."""
_REMEMBERED = 10_000


class Attempts:
    """Wrong passwords, by name.

    Args:
        clock: seconds, rising.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failed: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def are_too_many(self, name: str) -> bool:
        """Whether the name is refused now, whatever the password."""
        count, at = self._failed.get(name, (0, 0.0))
        return count >= MOST and self._clock() - at < PAUSE_S

    def failed(self, name: str) -> None:
        """A password was wrong."""
        count, at = self._failed.pop(name, (0, 0.0))
        kept = 0 if self._clock() - at >= PAUSE_S else count
        self._failed[name] = (kept + 1, self._clock())
        if len(self._failed) > _REMEMBERED:
            self._failed.popitem(last=False)

    def succeeded(self, name: str) -> None:
        """A password was right."""
        self._failed.pop(name, None)
