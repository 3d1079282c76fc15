"""Admission of several flows that are served in turn, driven by clocks that the tests set."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pytest

from biometrics.errors import Overloaded
from infra.admission.admission import Admission, Ticket
from infra.admission.costs import Clock
from infra.deadlines import Deadline
from infra.fairness.fair_queue import FairQueue

METHOD = "/a.A/B"
COST_S = 0.03
RATE = 1.5


@dataclass
class Machine:
    """A simulated server that works on one call at a time, flows in turn, and drops calls whose deadline has passed."""

    now: float = 0.0
    spent: float = 0.0
    queue: FairQueue[tuple[str, Ticket]] = field(default_factory=FairQueue)
    waiting: int = 0
    in_time: Counter[str] = field(default_factory=Counter)
    late: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.admission = Admission(2, 10_000, lambda: self.waiting > 2, Clock(lambda: self.now, lambda: self.spent))

    def come(self, flow: str, deadline_s: float) -> None:
        """A call arrives."""
        try:
            ticket = self.admission.enter(METHOD, Deadline(self.now + deadline_s), flow)
        except Overloaded:
            self.refused[flow] += 1
            return
        self.queue.put(flow, (ticket.deadline.at,), (flow, ticket), ticket.kind.cost)
        self.waiting += 1

    def work(self, until: float) -> None:
        """Work on calls until a time."""
        while self.queue and self.now < until:
            flow, ticket = self.queue.take()
            self.waiting -= 1
            self._end(flow, ticket, is_whole=self._done(ticket))
        self.now = max(self.now, until)

    def loaded(self, seconds: float, deadline_s: float, **times: float) -> None:
        """Calls of each flow arrive at a multiple of the rate that can be done."""
        begin, owed = self.now, dict.fromkeys(times, 0.0)
        while self.now < begin + seconds:
            for flow, each in times.items():
                owed[flow] += each
                while owed[flow] >= 1.0:
                    self.come(flow, deadline_s)
                    owed[flow] -= 1.0
            self.work(self.now + COST_S / RATE)

    def _done(self, ticket: Ticket) -> bool:
        if ticket.deadline.at <= self.now:
            return False
        try:
            self.admission.begin(ticket)
        except Overloaded:
            return False
        self.now += COST_S / RATE
        self.spent += COST_S
        return True

    def _end(self, flow: str, ticket: Ticket, *, is_whole: bool) -> None:
        self.admission.leave(ticket, is_whole=is_whole)
        (self.in_time if is_whole and self.now <= ticket.deadline.at else self.late)[flow] += 1


@pytest.mark.parametrize("deadline_s", [2.0, 10.0])
def test_a_flood_does_not_displace_another_caller(deadline_s: float) -> None:
    """Beside a caller who sends five times the capacity, one who needs a third of it is hardly ever refused."""
    machine = Machine()
    machine.loaded(20.0, deadline_s, flood=5.0)
    machine.in_time.clear()
    machine.loaded(40.0, deadline_s, flood=5.0, modest=0.33)
    possible = 40.0 * RATE / COST_S
    assert machine.in_time["modest"] >= 0.95 * 0.33 * possible
    assert machine.in_time.total() >= 0.9 * possible


def test_two_floods_get_half_each() -> None:
    """However much more one of them sends."""
    machine = Machine()
    machine.loaded(10.0, 2.0, large=8.0, small=2.0)
    machine.in_time.clear()
    machine.loaded(40.0, 2.0, large=8.0, small=2.0)
    share = machine.in_time["small"] / machine.in_time.total()
    assert 0.4 <= share <= 0.6
    assert machine.late.total() <= 0.01 * machine.in_time.total()


def test_a_caller_alone_may_use_what_the_others_do_not_need() -> None:
    """After another one has gone, a flood gets the whole capacity again."""
    machine = Machine()
    machine.loaded(10.0, 2.0, first=5.0, second=5.0)
    machine.work(machine.now + 5.0)
    machine.in_time.clear()
    machine.loaded(20.0, 2.0, first=5.0)
    assert machine.in_time["first"] >= 0.9 * 20.0 * RATE / COST_S


def test_the_last_places_are_for_callers_with_few_calls() -> None:
    """A caller with calls of long duration cannot take all places, and an unknown one counts as having few."""
    admission = Admission(2, 16, lambda: False, Clock(lambda: 0.0, lambda: 0.0))
    for _ in range(14):
        admission.enter(METHOD, Deadline(), "many")
    with pytest.raises(Overloaded):
        admission.enter(METHOD, Deadline(), "many")
    assert 0 == admission.delay_s(METHOD, Deadline(), None)
    admission.enter(METHOD, Deadline(), "few")
    admission.enter(METHOD, Deadline(), "few")
    with pytest.raises(Overloaded):
        admission.enter(METHOD, Deadline(), "other")
