"""Estimates what calls cost, in seconds of CPU, and how many such seconds this process gets done per second (rate).

Cost, per method and message size: between two consecutive events (a call begins or ends) the CPU time that the process
used is divided equally among the calls in progress. So the costs of all calls add up to the CPU time used, wherever it
was used: event loop, worker threads, models, refusals. Example: two calls run for 1 s while the process uses 1.6 s of
CPU; each is charged 0.8 s.

Rate: sum of the estimated costs of the calls that ended in a window, per second, measured only while the process is
saturated. Other processes, a container's CPU limit and the interpreter lock all lower it, and a common error of the
cost estimates cancels out. Otherwise the rate is taken to be the number of cores.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

SIZES = 3
"""Message sizes are grouped into classes that span 2 to this power, i.e. 8-fold."""

UNKNOWN_SIZE = -1

NEW_COST = 0.05
NEW_LOWER_RATE, NEW_HIGHER_RATE = 0.5, 0.2
"""Weights of the newest cost, and of a lower and a higher rate, in their running means. A lower rate weighs more, as
overestimating the rate does more harm."""

LOOK_S = 0.001
"""Shortest time between two readings of the CPU clock, in seconds: each is a system call."""

WINDOW_S, LONGEST_WINDOW_S, WINDOW_CALLS = 0.2, 2.0, 4
"""Length of a measuring window of the rate, in seconds, its maximum, and the calls that must have ended in it: in a
shorter window a few large calls might all still be in progress."""

LEAST_RATE = 0.05


@dataclass(slots=True)
class Clock:
    """Two clocks, in seconds.

    Args:
        now: wall clock, monotonic.
        cpu: CPU time used by all threads of this process.
    """

    now: Callable[[], float] = time.monotonic
    cpu: Callable[[], float] = time.process_time


@dataclass(slots=True, eq=False)
class Kind:
    """Calls of one method with messages of one size class.

    Args:
        cost: mean of one call, seconds of CPU.
        seen: number of calls that it was learned from.
        in_hand: number of calls admitted now.
    """

    cost: float
    seen: int = 0
    in_hand: int = 0


class Costs:
    """Learns costs and rate from the begin and end of calls.

    Args:
        cores: number that this process may use.
        is_busy: whether more work is ready than can be done now; asked at both ends of a window.
        clock: replaced in tests.
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
        """The kind of a method and message length; `guess` is its cost until a call of it has ended."""
        size = UNKNOWN_SIZE if message_bytes is None else message_bytes.bit_length() // SIZES
        kind = self._kinds.get((method, size))
        if kind is None:
            kind = self._kinds[method, size] = Kind(guess)
        return kind

    def count(self, kind: Kind, calls: int) -> None:
        """Add `calls` (negative: remove) to a kind's admitted calls; `ahead` is the summed cost of all admitted."""
        kind.in_hand += calls
        self.ahead += calls * kind.cost

    def begin(self) -> float:
        """Record the begin of a call; returns the value to pass to `end`."""
        self.look()
        self._begun += 1
        return self._shared

    def end(self, method: str, kind: Kind, begun: float, *, is_whole: bool) -> None:
        """Record the end of a call. One whose work was not all done only gives a lower bound of the cost."""
        self.look()
        self._begun -= 1
        self._ended += 1
        self._done += kind.cost if is_whole else 0.0
        cost = self._shared - begun
        for each in {kind, self.kind(method)}:
            if is_whole or cost > each.cost:
                self._learn(each, cost)

    def look(self) -> None:
        """Divide the CPU time since the last reading among the calls in progress; at a window's end, learn the rate."""
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
