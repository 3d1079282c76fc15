"""Takes a call only where it can be done in its time, by what it costs and what is ahead of it.

What a kind of call costs is counted in seconds of this process's CPU and learned: between any two events (a call
begins, a call ends) the CPU time spent is shared equally by the calls that have begun. So all costs add up to what was
spent, whoever spent it: event loop, worker threads, models, refusals. How much of it a second brings is measured while
more is to be done than can be, as the costs of the calls that ended in it: other processes, a container's limit and
the interpreter lock all take of it, and an error of the costs cancels out. At other times it is taken to be what all
cores bring.

A call is expected to take the costs of all calls in hand and its own, over that rate. It is refused at once where that
is more than `SHARE` of the time it has left: the rest is for what the estimate does not know. A call that meets an idle
core is always taken, so that an estimate that has come to be too high is always put right.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from biometrics.errors import Overloaded
from infra.deadlines import Deadline

SHARE = 0.5
"""Of the time a call has left, what the estimate may take up."""

SIZES = 3
"""Costs are kept apart for messages whose lengths differ by 2 to this power, i.e. 8-fold."""

UNKNOWN_SIZE = -1

NEW_COST = 0.05
NEW_LOWER_RATE, NEW_HIGHER_RATE = 0.5, 0.2
"""Weights of the newest cost and rate in their running means; it is worse to hope for too much."""

LOOK_S = 0.001
"""The clock of the CPU costs a system call: it is looked at so often at most."""

WINDOW_S = 0.2
"""How long the rate is measured for one value of it."""

LEAST_RATE = 0.05
LEAST_DELAY_S, MOST_DELAY_S = 0.05, 30.0
"""Bounds of when a refused caller is told to try again."""


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


@dataclass(slots=True, eq=False)
class Ticket:
    """A call in hand.

    Args:
        method: that is called.
        kind: what it counts as, for what is known of it.
        shared: the share of each call that had begun when this one did; None before.
    """

    method: str
    kind: Kind
    shared: float | None = None


class Admission:
    """Decides which calls are taken. Not bound to gRPC; of one thread, e.g. that of an event loop.

    Args:
        cores: that this process may use.
        most: calls in hand, whatever their costs.
        is_busy: whether there is more to do than can be done now; asked at the ends of a window.
        clock: to be replaced in tests.
    """

    def __init__(self, cores: int, most: int, is_busy: Callable[[], bool], clock: Clock | None = None) -> None:
        self._cores, self._most, self._is_busy = cores, most, is_busy
        self._clock = clock or Clock()
        self._kinds: dict[tuple[str, int], Kind] = {}
        self._in_hand, self._begun, self._ahead, self._shared = 0, 0, 0.0, 0.0
        self._cpu, self._rate = self._clock.cpu(), cores / 2
        self._looked = self._clock.now()
        self._window = (self._looked, False)
        self._done = 0.0

    @property
    def in_hand(self) -> int:
        """Calls that were taken and have not ended."""
        return self._in_hand

    def enter(self, method: str, deadline: Deadline) -> Ticket:
        """Take a call, of which only the method is known.

        Raises:
            Overloaded: it cannot be done in its time; with when to try again.
        """
        self._tick()
        kind = self._kind(method, UNKNOWN_SIZE, 0.0)
        self._check(kind.cost, deadline.at - self._clock.now(), self._in_hand)
        self._in_hand += 1
        self._count(kind, 1)
        return Ticket(method, kind)

    def begin(self, ticket: Ticket, deadline: Deadline) -> None:
        """Work on a call begins.

        Raises:
            Overloaded: it waited for so long that it cannot be done any more.
        """
        self._tick()
        self._begun += 1
        ticket.shared = self._shared
        if ticket.kind.cost * self._begun / self._rate > deadline.at - self._clock.now() and self._begun > self._cores:
            raise _refusal(self._ahead / self._rate)

    def measure(self, ticket: Ticket, message_bytes: int, deadline: Deadline) -> None:
        """Take in how long the message is: a call with 10,000 templates costs more than one with one.

        Raises:
            Overloaded: knowing this, the call cannot be done in its time. It is to leave.
        """
        before = ticket.kind
        self._count(before, -1)
        ticket.kind = self._kind(ticket.method, message_bytes.bit_length() // SIZES, before.cost)
        self._count(ticket.kind, 1)
        if ticket.kind.cost > before.cost:
            self._check(0.0, deadline.at - self._clock.now(), self._in_hand - 1)

    def leave(self, ticket: Ticket, *, is_whole: bool) -> None:
        """A call has ended.

        Args:
            ticket: of the call.
            is_whole: whether all of its work was done. If not, it would have cost more than it did.
        """
        self._tick()
        self._in_hand -= 1
        self._count(ticket.kind, -1)
        if ticket.shared is None:
            return
        self._begun -= 1
        self._done += ticket.kind.cost if is_whole else 0.0
        cost = self._shared - ticket.shared
        for kind in {ticket.kind, self._kind(ticket.method, UNKNOWN_SIZE, cost)}:
            if is_whole or cost > kind.cost:
                self._learn(kind, cost)

    def _kind(self, method: str, size: int, guess: float) -> Kind:
        kind = self._kinds.get((method, size))
        if kind is None:
            kind = self._kinds[method, size] = Kind(guess)
        return kind

    def _count(self, kind: Kind, calls: int) -> None:
        kind.in_hand += calls
        self._ahead += calls * kind.cost

    def _learn(self, kind: Kind, cost: float) -> None:
        kind.seen += 1
        change = max(NEW_COST, 1 / kind.seen) * (cost - kind.cost)
        kind.cost += change
        self._ahead += kind.in_hand * change

    def _check(self, cost: float, left_s: float, others: int) -> None:
        """Raises Overloaded where this cost cannot be added in `left_s`, with so many other calls in hand."""
        excess = (self._ahead + cost) / self._rate - SHARE * left_s
        if others >= self._most or (others >= self._cores and excess > 0):
            raise _refusal(excess)

    def _tick(self) -> None:
        """Share the CPU time since the last look at it, and look at the rate when the window ends."""
        now = self._clock.now()
        if now - self._looked < LOOK_S:
            return
        cpu = self._clock.cpu()
        if self._begun:
            self._shared += (cpu - self._cpu) / self._begun
        self._cpu, self._looked = cpu, now
        begin, was_busy = self._window
        if now - begin >= WINDOW_S:
            is_busy = self._is_busy()
            seen = self._done / (now - begin) if is_busy and was_busy else self._cores
            change = min(max(seen, LEAST_RATE), self._cores) - self._rate
            self._rate += (NEW_LOWER_RATE if change < 0 else NEW_HIGHER_RATE) * change
            self._window, self._done = (now, is_busy), 0.0


def _refusal(excess_s: float) -> Overloaded:
    delay = round(min(max(excess_s, LEAST_DELAY_S), MOST_DELAY_S), 2)
    return Overloaded("Too much is asked for at once. Try again later.", retry_after_s=delay)
