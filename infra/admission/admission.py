"""Admits a call only if it is expected to finish before its deadline, from its cost and the work ahead of it.

The expected time of a call is (cost of all admitted calls whose deadlines are no later + its own cost) / rate, where
`costs.py` estimates cost and rate. A call is refused at once if that exceeds the time it has left, less a reserve for
the error of the estimate, or if it would make an admitted call miss its deadline. Example with a rate of 2 (two cores):
6 s of CPU admitted with earlier deadlines and a call of 1 s need (6 + 1) / 2 = 3.5 s; with 5 s left, of which
5 − 0.15·5 − 0.7 = 3.55 s may be used, the call is admitted.

A call that finds an idle core is always admitted, so that an estimate that became too high is corrected.

Callers are served in turn (`infra.fairness`), so that a call need not wait for all that others have sent: `shares.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from biometrics.errors import Overloaded
from infra.admission.costs import Clock, Costs, Kind
from infra.admission.shares import SLOT_S, Shares, slot_of
from infra.deadlines import Deadline
from infra.fairness.flows import OWN

RESERVE_S, RESERVE_SHARE = 0.7, 0.15
"""Part of a call's remaining time that the estimate must leave free: a constant for the noise of few calls (seconds),
and a share for the noise of any number of calls."""

KEPT_SHARE = 0.95
"""Share of an admitted call's remaining time that it may be expected to need when another call overtakes it."""

LONG_COST = 1.0
"""Cost, in seconds of CPU, above which a call is overtaken by any that is not long, whatever becomes of it: otherwise a
few long calls would have all others refused. Its comparisons are interrupted for them (`infra.workers.LONG_S`)."""

LEAST_DELAY_S, MOST_DELAY_S = 0.05, 30.0
"""Bounds of the retry delay that a refused caller is told, in seconds."""

REFUSAL = "The server is overloaded. Try again later."


@dataclass(slots=True, eq=False)
class Ticket:
    """An admitted call.

    Args:
        method: full name of the method called.
        kind: calls of similar cost (method and message size) that this one is counted with.
        deadline: of the call.
        flow: that it belongs to.
        estimate: its expected cost when it was counted, seconds of CPU.
        begun: what `Costs.begin` returned; None before work begins.
    """

    method: str
    kind: Kind
    deadline: Deadline
    flow: str = OWN
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
        self._shares = Shares(self._clock.now)

    @property
    def admitted_count(self) -> int:
        """Calls that are admitted and have not ended."""
        return self._in_hand

    def delay_s(self, method: str, deadline: Deadline, flow: str | None = OWN) -> float:
        """0 if a call would be admitted; else the retry delay in seconds.

        Args:
            method: full name.
            deadline: of the call.
            flow: that it belongs to; None: not known yet, so that it may be one without any call.
        """
        self._costs.look()
        return self._delay_s(self._costs.kind(method).cost, deadline, flow, self._in_hand)

    def enter(self, method: str, deadline: Deadline, flow: str = OWN) -> Ticket:
        """Admit a call of which only method and flow are known yet.

        Raises:
            Overloaded: it cannot finish before its deadline; carries the retry delay.
        """
        refuse_after(self.delay_s(method, deadline, flow))
        ticket = Ticket(method, self._costs.kind(method), deadline, flow)
        self._in_hand += 1
        self._shares.enter(flow)
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
        delay_s = self._delay_s(ticket.kind.cost, ticket.deadline, ticket.flow, self._in_hand - 1)
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
        self._shares.leave(ticket.flow, ticket.kind.cost if is_whole else 0.0)
        if ticket.begun is not None:
            self._costs.end(ticket.method, ticket.kind, ticket.begun, is_whole=is_whole)

    def _count(self, ticket: Ticket) -> None:
        ticket.estimate = ticket.kind.cost
        self._costs.count(ticket.kind, 1)
        share = self._shares.of(ticket.flow)
        share.count(ticket.kind, 1)
        if ticket.estimate <= LONG_COST:
            share.plan(ticket.deadline, ticket.estimate)

    def _uncount(self, ticket: Ticket) -> None:
        self._costs.count(ticket.kind, -1)
        share = self._shares.of(ticket.flow)
        share.count(ticket.kind, -1)
        if ticket.estimate <= LONG_COST:
            share.plan(ticket.deadline, -ticket.estimate)

    def _delay_s(self, cost: float, deadline: Deadline, flow: str | None, others: int) -> float:
        """0 if this cost can be added to a flow, beside `others` admitted calls; else the retry delay in seconds."""
        needed_s = self._shares.needed_s(flow, cost, self._costs.ahead, self._costs.rate)
        excess_s = needed_s - _usable_s(deadline.at - self._clock.now())
        if others < self._shares.of(flow).most_beside(self._most) and (
            others < self._cores or excess_s <= 0 or self._may_overtake(cost, deadline, flow)
        ):
            return 0.0
        return round(min(max(excess_s, LEAST_DELAY_S), MOST_DELAY_S), 2)

    def _may_overtake(self, cost: float, deadline: Deadline, flow: str | None) -> bool:
        """Whether this call, done before all less urgent ones of its flow, finishes in time and lets each do so."""
        now, slot, due = self._clock.now(), slot_of(deadline), self._shares.of(flow).due
        rate = self._shares.left(flow, self._costs.rate)
        expected_s = (cost + sum(each for at, each in due.items() if at <= slot)) / rate
        if expected_s > _usable_s(deadline.at - now):
            return False
        for at in sorted(at for at in due if at > slot):
            expected_s += due[at] / rate
            if expected_s > KEPT_SHARE * (at * SLOT_S - now):
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
