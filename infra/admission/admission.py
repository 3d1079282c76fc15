"""Takes a call only where it can be done in its time, by what it costs and what is ahead of it (costs.py).

A call is expected to take the costs of all calls in hand whose deadlines are no later, and its own, over the rate at
which costs are borne. It is refused at once where that is more than the time it has left, less a reserve for what the
estimate does not know, or where it would take the time of a call in hand. A call that meets an idle core is always
taken, so that an estimate that has come to be too high is always put right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from biometrics.errors import Overloaded
from infra.admission.costs import Clock, Costs, Kind
from infra.deadlines import Deadline

RESERVE_S, RESERVE_SHARE = 0.7, 0.15
"""Of the time a call has left, what the estimate may not take up: the noise of few calls, and that of any number."""

KEPT_SHARE = 0.95
"""Of the time that a call in hand has left, what it may be expected to take when another overtakes it."""

SLOT_S = 0.25
"""Deadlines are told apart by so much."""

LEAST_DELAY_S, MOST_DELAY_S = 0.05, 30.0
"""Bounds of when a refused caller is told to try again."""

REFUSAL = "Too much is asked for at once. Try again later."
NEVER_S = 1e12
TINY_S = 1e-9


@dataclass(slots=True, eq=False)
class Ticket:
    """A call in hand.

    Args:
        method: that is called.
        kind: what it counts as, for what is known of it.
        deadline: of the call.
        estimate: what it was expected to cost.
        begun: what `Costs.begin` said; None before.
    """

    method: str
    kind: Kind
    deadline: Deadline
    estimate: float = 0.0
    begun: float | None = None


class Admission:
    """Decides which calls are taken. Not bound to gRPC; of one thread, e.g. that of an event loop.

    Args:
        cores: that this process may use.
        most: calls in hand, whatever their costs.
        is_busy: whether there is more to do than can be done now.
        clock: to be replaced in tests.
    """

    def __init__(self, cores: int, most: int, is_busy: Callable[[], bool], clock: Clock | None = None) -> None:
        self._cores, self._most = cores, most
        self._clock = clock or Clock()
        self._costs = Costs(cores, is_busy, self._clock)
        self._in_hand = 0
        self._due: dict[int, float] = {}

    def delay_s(self, method: str, deadline: Deadline) -> float:
        """0 where a call would be taken; else when to try again, in seconds."""
        self._costs.look()
        return self._delay_s(self._costs.kind(method).cost, deadline, self._in_hand)

    def enter(self, method: str, deadline: Deadline) -> Ticket:
        """Take a call, of which only the method is known.

        Raises:
            Overloaded: it cannot be done in its time; with when to try again.
        """
        refuse_after(self.delay_s(method, deadline))
        ticket = Ticket(method, self._costs.kind(method), deadline)
        self._in_hand += 1
        self._count(ticket)
        return ticket

    def begin(self, ticket: Ticket) -> None:
        """Work on a call begins.

        Raises:
            Overloaded: it waited for so long that it cannot be done any more. It is to leave.
        """
        ticket.begun = self._costs.begin()
        left_s, begun = ticket.deadline.at - self._clock.now(), self._costs.begun_count
        if begun > self._cores and ticket.kind.cost * begun > self._costs.rate * left_s:
            refuse_after(max(self._costs.ahead / self._costs.rate, LEAST_DELAY_S))

    def measure(self, ticket: Ticket, message_bytes: int) -> None:
        """Take in how long the message is: a call with 10,000 templates costs more than one with one.

        Raises:
            Overloaded: knowing this, the call cannot be done in its time. It is to leave.
        """
        before = ticket.kind
        self._uncount(ticket)
        ticket.kind = self._costs.kind(ticket.method, message_bytes, before.cost)
        delay_s = self._delay_s(ticket.kind.cost, ticket.deadline, self._in_hand - 1)
        self._count(ticket)
        if ticket.kind.cost > before.cost:
            refuse_after(delay_s)

    def leave(self, ticket: Ticket, *, is_whole: bool) -> None:
        """A call has ended.

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
        left = self._due.pop(slot, 0.0) - ticket.estimate  # none where others of it cost next to nothing, and one left
        if left >= TINY_S:
            self._due[slot] = left

    def _delay_s(self, cost: float, deadline: Deadline, others: int) -> float:
        """0 where this cost can be added, with so many other calls in hand; else when it may be."""
        left_s = deadline.at - self._clock.now()
        excess_s = (self._costs.ahead + cost) / self._costs.rate - _usable_s(left_s)
        if others < self._most and (others < self._cores or excess_s <= 0 or self._may_overtake(cost, deadline)):
            return 0.0
        return round(min(max(excess_s, LEAST_DELAY_S), MOST_DELAY_S), 2)

    def _may_overtake(self, cost: float, deadline: Deadline) -> bool:
        """Whether this is done in its time before what is less urgent, and that still in its own."""
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
    """Refuse a call that has a delay.

    Raises:
        Overloaded: it has.
    """
    if delay_s > 0:
        raise Overloaded(REFUSAL, retry_after_s=delay_s)


def _usable_s(left_s: float) -> float:
    """Seconds of `left_s` that the estimate may take up, at least half of them."""
    return max(0.5 * left_s, (1 - RESERVE_SHARE) * left_s - RESERVE_S)


def _slot(deadline: Deadline) -> int:
    return int(min(deadline.at, NEVER_S) / SLOT_S)
