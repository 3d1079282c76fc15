"""Admits a call only if it is expected to finish before its deadline, from its cost and the work ahead of it.

The expected time of a call is (cost of all admitted calls whose deadlines are no later + its own cost) / rate, where
`costs.py` estimates cost and rate. A call is refused at once if that exceeds the time it has left, less a reserve for
the error of the estimate, or if it would make an admitted call miss its deadline. Example with a rate of 2 (two cores):
6 s of CPU admitted with earlier deadlines and a call of 1 s need (6 + 1) / 2 = 3.5 s; with 5 s left, of which
5 − 0.15·5 − 0.7 = 3.55 s may be used, the call is admitted.

A call that finds an idle core is always admitted, so that an estimate that became too high is corrected.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from biometrics.errors import Overloaded
from infra.admission.costs import Clock, Costs, Kind
from infra.deadlines import Deadline

RESERVE_S, RESERVE_SHARE = 0.7, 0.15
"""Part of a call's remaining time that the estimate must leave free: a constant for the noise of few calls (seconds),
and a share for the noise of any number of calls."""

KEPT_SHARE = 0.95
"""Share of an admitted call's remaining time that it may be expected to need when another call overtakes it."""

SLOT_S = 0.25
"""Resolution of deadlines, in seconds: all that fall into one slot are treated as equal."""

LEAST_DELAY_S, MOST_DELAY_S = 0.05, 30.0
"""Bounds of the retry delay that a refused caller is told, in seconds."""

REFUSAL = "The server is overloaded. Try again later."
NEVER_S = 1e12
TINY_S = 1e-9


@dataclass(slots=True, eq=False)
class Ticket:
    """An admitted call.

    Args:
        method: full name of the method called.
        kind: calls of similar cost (method and message size) that this one is counted with.
        deadline: of the call.
        estimate: its expected cost when it was counted, seconds of CPU.
        begun: what `Costs.begin` returned; None before work begins.
    """

    method: str
    kind: Kind
    deadline: Deadline
    estimate: float = 0.0
    begun: float | None = None


class Admission:
    """Decides which calls are admitted. Independent of gRPC; not thread-safe: used by one thread, e.g. an event loop's.

    Args:
        cores: number that this process may use.
        most: maximum of admitted calls, whatever their costs.
        is_busy: whether more work is ready than can be done now.
        clock: replaced in tests.
    """

    def __init__(self, cores: int, most: int, is_busy: Callable[[], bool], clock: Clock | None = None) -> None:
        self._cores, self._most = cores, most
        self._clock = clock or Clock()
        self._costs = Costs(cores, is_busy, self._clock)
        self._in_hand = 0
        self._due: dict[int, float] = {}

    def delay_s(self, method: str, deadline: Deadline) -> float:
        """0 if a call would be admitted; else the retry delay in seconds."""
        self._costs.look()
        return self._delay_s(self._costs.kind(method).cost, deadline, self._in_hand)

    def enter(self, method: str, deadline: Deadline) -> Ticket:
        """Admit a call of which only the method is known yet.

        Raises:
            Overloaded: it cannot finish before its deadline; carries the retry delay.
        """
        refuse_after(self.delay_s(method, deadline))
        ticket = Ticket(method, self._costs.kind(method), deadline)
        self._in_hand += 1
        self._count(ticket)
        return ticket

    def begin(self, ticket: Ticket) -> None:
        """Record that work on a call begins.

        Raises:
            Overloaded: it waited so long that it can no longer finish in time. The caller must call `leave`.
        """
        ticket.begun = self._costs.begin()
        left_s, begun = ticket.deadline.at - self._clock.now(), self._costs.begun_count
        if begun > self._cores and ticket.kind.cost * begun > self._costs.rate * left_s:
            refuse_after(max(self._costs.ahead / self._costs.rate, LEAST_DELAY_S))

    def measure(self, ticket: Ticket, message_bytes: int) -> None:
        """Correct the estimate by the message's length: a call with 10,000 templates costs more than one with one.

        Raises:
            Overloaded: with the new estimate the call cannot finish in time. The caller must call `leave`.
        """
        before = ticket.kind
        self._uncount(ticket)
        ticket.kind = self._costs.kind(ticket.method, message_bytes, before.cost)
        delay_s = self._delay_s(ticket.kind.cost, ticket.deadline, self._in_hand - 1)
        self._count(ticket)
        if ticket.kind.cost > before.cost:
            refuse_after(delay_s)

    def leave(self, ticket: Ticket, *, is_whole: bool) -> None:
        """Record that a call has ended.

        Args:
            ticket: of the call.
            is_whole: whether all of its work was done.
        """
        self._in_hand -= 1
        self._uncount(ticket)
        if ticket.begun is not None:
            self._costs.end(ticket.method, ticket.kind, ticket.begun, is_whole=is_whole)

    def _count(self, ticket: Ticket) -> None:
        ticket.estimate = ticket.kind.cost
        self._costs.count(ticket.kind, 1)
        slot = _slot(ticket.deadline)
        self._due[slot] = self._due.get(slot, 0.0) + ticket.estimate

    def _uncount(self, ticket: Ticket) -> None:
        self._costs.count(ticket.kind, -1)
        slot = _slot(ticket.deadline)
        left = self._due.pop(slot, 0.0) - ticket.estimate  # the slot is absent if what was left in it was < TINY_S
        if left >= TINY_S:
            self._due[slot] = left

    def _delay_s(self, cost: float, deadline: Deadline, others: int) -> float:
        """0 if this cost can be added to `others` admitted calls; else the retry delay in seconds."""
        left_s = deadline.at - self._clock.now()
        excess_s = (self._costs.ahead + cost) / self._costs.rate - _usable_s(left_s)
        if others < self._most and (others < self._cores or excess_s <= 0 or self._may_overtake(cost, deadline)):
            return 0.0
        return round(min(max(excess_s, LEAST_DELAY_S), MOST_DELAY_S), 2)

    def _may_overtake(self, cost: float, deadline: Deadline) -> bool:
        """Whether this call, done before all less urgent ones, finishes in time and still lets each of them do so."""
        now, slot = self._clock.now(), _slot(deadline)
        expected_s = (cost + sum(each for due, each in self._due.items() if due <= slot)) / self._costs.rate
        if expected_s > _usable_s(deadline.at - now):
            return False
        for due in sorted(due for due in self._due if due > slot):
            expected_s += self._due[due] / self._costs.rate
            if expected_s > KEPT_SHARE * (due * SLOT_S - now):
                return False
        return True


def refuse_after(delay_s: float) -> None:
    """Refuse a call if its retry delay is positive.

    Raises:
        Overloaded: it is; carries the delay.
    """
    if delay_s > 0:
        raise Overloaded(REFUSAL, retry_after_s=delay_s)


def _usable_s(left_s: float) -> float:
    """Seconds of `left_s` that the estimate may use: `left_s` less the reserve, and at least half of it."""
    return max(0.5 * left_s, (1 - RESERVE_SHARE) * left_s - RESERVE_S)


def _slot(deadline: Deadline) -> int:
    return int(min(deadline.at, NEVER_S) / SLOT_S)
