"""What calls cost, and how much of it can be borne.

What a kind of call costs is counted in seconds of this process's CPU and learned: between any two events (a call
begins, a call ends) the CPU time spent is shared equally by the calls that have begun. So all costs add up to what was
spent, whoever spent it: event loop, worker threads, models, refusals. How much of it a second brings is measured while
more is to be done than can be, as the costs of the calls that ended in it: other processes, a container's limit and
the interpreter lock all take of it, and an error of the costs cancels out. At other times it is taken to be what all
cores bring.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

SIZES = 3
"""Costs are kept apart for messages whose lengths differ by 2 to this power, i.e. 8-fold."""

UNKNOWN_SIZE = -1

NEW_COST = 0.05
NEW_LOWER_RATE, NEW_HIGHER_RATE = 0.5, 0.2
"""Weights of the newest cost and rate in their running means; it is worse to hope for too much."""

LOOK_S = 0.001
"""The clock of the CPU costs a system call: it is looked at so often at most."""

WINDOW_S, LONGEST_WINDOW_S, WINDOW_CALLS = 0.2, 2.0, 4
"""How long the rate is measured for one value of it, and how many calls must have ended: in a shorter time a few large
ones may all still be on their way."""

LEAST_RATE = 0.05


@dataclass(slots=True)
class Clock:
    """Two clocks, in seconds.

    Args:
        now: of the wall.
        cpu: spent by all threads of this process.
    """

    now: Callable[[], float] = time.monotonic
    cpu: Callable[[], float] = time.process_time


@dataclass(slots=True, eq=False)
class Kind:
    """Calls of one method with messages of about one size.

    Args:
        cost: of one, seconds of CPU.
        seen: calls that it was learned from.
        in_hand: calls now.
    """

    cost: float
    seen: int = 0
    in_hand: int = 0


class Costs:
    """Learns costs and rate from calls that begin and end.

    Args:
        cores: that this process may use.
        is_busy: whether there is more to do than can be done now; asked at the ends of a window.
        clock: to be replaced in tests.
    """

    def __init__(self, cores: int, is_busy: Callable[[], bool], clock: Clock) -> None:
        self._cores, self._is_busy, self._clock = cores, is_busy, clock
        self._kinds: dict[tuple[str, int], Kind] = {}
        self._begun, self._shared, self._done, self._ended = 0, 0.0, 0.0, 0
        self._looked, self._cpu = clock.now(), clock.cpu()
        self._window = (self._looked, False)
        self.ahead = 0.0
        self.rate = cores / 2

    @property
    def begun_count(self) -> int:
        """Calls that have begun and not ended."""
        return self._begun

    def kind(self, method: str, message_bytes: int | None = None, guess: float = 0.0) -> Kind:
        """Calls of a method, with messages of about this length; `guess` is their cost while nothing is known."""
        size = UNKNOWN_SIZE if message_bytes is None else message_bytes.bit_length() // SIZES
        kind = self._kinds.get((method, size))
        if kind is None:
            kind = self._kinds[method, size] = Kind(guess)
        return kind

    def count(self, kind: Kind, calls: int) -> None:
        """So many more calls of this kind are in hand. `ahead` is what all calls in hand cost."""
        kind.in_hand += calls
        self.ahead += calls * kind.cost

    def begin(self) -> float:
        """A call begins; what `end` is to be told."""
        self.look()
        self._begun += 1
        return self._shared

    def end(self, method: str, kind: Kind, begun: float, *, is_whole: bool) -> None:
        """A call has ended; of one whose work was not all done, only that it costs no less is learned."""
        self.look()
        self._begun -= 1
        self._ended += 1
        self._done += kind.cost if is_whole else 0.0
        cost = self._shared - begun
        for each in {kind, self.kind(method)}:
            if is_whole or cost > each.cost:
                self._learn(each, cost)

    def look(self) -> None:
        """Share the CPU time since the last look at it, and learn the rate when the window ends."""
        now = self._clock.now()
        if now - self._looked < LOOK_S:
            return
        cpu = self._clock.cpu()
        if self._begun:
            self._shared += (cpu - self._cpu) / self._begun
        self._cpu, self._looked = cpu, now
        begin, was_busy = self._window
        if now - begin >= (WINDOW_S if self._ended >= WINDOW_CALLS or not was_busy else LONGEST_WINDOW_S):
            is_busy = self._is_busy()
            seen = self._done / (now - begin) if is_busy and was_busy else self._cores
            change = min(max(seen, LEAST_RATE), self._cores) - self.rate
            self.rate += (NEW_LOWER_RATE if change < 0 else NEW_HIGHER_RATE) * change
            self._window, self._done, self._ended = (now, is_busy), 0.0, 0

    def _learn(self, kind: Kind, cost: float) -> None:
        kind.seen += 1
        change = max(NEW_COST, 1 / kind.seen) * (cost - kind.cost)
        kind.cost += change
        self.ahead += kind.in_hand * change
