"""Admission, driven by clocks that the tests set."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from biometrics.errors import Overloaded
from infra.admission.admission import Admission, Ticket
from infra.admission.costs import Clock
from infra.deadlines import Deadline

METHOD = "/a.A/B"


@dataclass
class Machine:
    """A simulated server that works on admitted calls in order of arrival, by its own clocks.

    Args:
        cost_s: CPU seconds of one call.
        rate: CPU seconds done per second.
    """

    cost_s: float
    rate: float
    now: float = 0.0
    spent: float = 0.0
    left: float = 0.0
    in_time: int = 0
    late: int = 0
    delays: list[float] = field(default_factory=list)
    queue: list[tuple[Ticket, Deadline]] = field(default_factory=list)

    def __post_init__(self) -> None:
        clock = Clock(lambda: self.now, lambda: self.spent)
        self.admission = Admission(2, 10_000, lambda: len(self.queue) > 2, clock)

    def come(self, deadline_s: float) -> bool:
        """A call arrives; returns whether it is admitted."""
        deadline = Deadline(self.now + deadline_s)
        try:
            self.queue.append((self.admission.enter(METHOD, deadline), deadline))
        except Overloaded as error:
            self.delays.append(error.retry_after_s)
            return False
        return True

    def work(self, seconds: float) -> None:
        """Let time pass and do as much work as possible in it."""
        end = self.now + seconds
        while self.queue and self.now < end:
            ticket, _ = self.queue[0]
            if ticket.begun is None:
                self.admission.begin(ticket)
                self.left = self.cost_s
            step = min(self.left / self.rate, end - self.now)
            self.now += step
            self.spent += step * self.rate
            self.left -= step * self.rate
            if self.left < 1e-9:
                self._end(*self.queue.pop(0))
        self.now = end

    def _end(self, ticket: Ticket, deadline: Deadline) -> None:
        self.admission.leave(ticket, is_whole=True)
        if self.now <= deadline.at:
            self.in_time += 1
        else:
            self.late += 1

    def loaded(self, times: float, deadline_s: float, seconds: float) -> None:
        """Calls arrive at a multiple of the rate that can be done."""
        gap = self.cost_s / self.rate / times
        for _ in range(int(seconds / gap)):
            self.come(deadline_s)
            self.work(gap)


@pytest.mark.parametrize("rate", [2.0, 1.1, 0.4])
@pytest.mark.parametrize("deadline_s", [2.0, 10.0])
@pytest.mark.parametrize("times", [1.5, 4.0, 5.0])
def test_overload_does_not_lower_the_goodput(times: float, deadline_s: float, rate: float) -> None:
    """At any overload, and with any share of the cores, at least nine tenths of the possible work is done."""
    machine = Machine(cost_s=0.03, rate=rate)
    machine.loaded(times, deadline_s, 60)
    possible = 60 * rate / machine.cost_s
    assert machine.in_time > 0.9 * possible
    assert machine.late < 0.01 * machine.in_time


def test_load_below_the_capacity_is_fully_admitted() -> None:
    """At nine tenths of the capacity nothing is refused."""
    machine = Machine(cost_s=0.03, rate=1.1)
    machine.loaded(0.9, 2.0, 60)
    assert [] == machine.delays


def test_a_burst_with_late_deadlines_is_fully_admitted() -> None:
    """A hundred simultaneous calls of 30 ms, each with 20 s left, are all admitted."""
    machine = Machine(cost_s=0.03, rate=2.0)
    machine.loaded(0.5, 20.0, 5)
    assert all(machine.come(20.0) for _ in range(100))


def test_admission_recovers_after_an_overload() -> None:
    """Ten seconds after an overload a call with little time is admitted."""
    machine = Machine(cost_s=0.03, rate=0.4)
    machine.loaded(5.0, 10.0, 30)
    machine.work(10)
    assert machine.come(0.2)


def test_a_refused_call_is_admitted_after_its_retry_delay() -> None:
    """The delay grows with the work ahead, and a call repeated after it is admitted."""
    machine = Machine(cost_s=0.03, rate=2.0)
    machine.loaded(4.0, 2.0, 20)
    while machine.come(2.0):
        pass
    machine.work(machine.delays[-1] + 0.05)
    assert machine.come(2.0)


def test_an_idle_server_admits_a_call_whose_estimate_is_too_high() -> None:
    """One slow call, e.g. the first after a start, does not block its method for ever."""
    machine = Machine(cost_s=5.0, rate=1.0)
    machine.come(60.0)
    machine.work(6.0)
    machine.cost_s = 0.01
    assert machine.come(0.1)


def test_costs_are_kept_per_message_size() -> None:
    """Short messages are not refused for the cost of long ones, nor long ones admitted by the cost of short ones."""
    spent = [0.0]
    admission = Admission(1, 100, lambda: False, Clock(lambda: 10 * spent[0], lambda: spent[0]))

    def served(size: int, cost: float) -> None:
        ticket = admission.enter(METHOD, Deadline(1e9))
        admission.measure(ticket, size)
        admission.begin(ticket)
        spent[0] += cost
        admission.leave(ticket, is_whole=True)

    for _ in range(50):
        served(1_000, 0.001)
        served(1_000_000, 4.0)
    soon = Deadline(10 * spent[0] + 2.0)
    admission.enter("/a.A/Other", soon)
    ticket = Ticket(METHOD, admission.enter("/a.A/Other", soon).kind, soon)
    admission.measure(ticket, 1_000)
    with pytest.raises(Overloaded):
        admission.measure(ticket, 1_000_000)


def test_calls_of_unknown_cost_may_share_a_deadline() -> None:
    """The first calls of a method have an estimated cost of 0: one that leaves does not affect the others."""
    clock = Clock(lambda: 0.0, lambda: 0.0)
    admission = Admission(2, 114, lambda: False, clock)
    tickets = [admission.enter(METHOD, Deadline(30.0)) for _ in range(3)]
    for ticket in tickets:
        admission.begin(ticket)
        admission.measure(ticket, 1_000)
        admission.leave(ticket, is_whole=True)
    for _ in range(100):
        admission.enter(METHOD, Deadline(30.0))  # the most of one flow: all have left


def test_the_number_of_admitted_calls_is_limited() -> None:
    """The limit holds however much time the calls have."""
    admission = Admission(8, 3, lambda: False, Clock(lambda: 0.0, lambda: 0.0))
    for _ in range(3):
        admission.enter(METHOD, Deadline())
    with pytest.raises(Overloaded):
        admission.enter(METHOD, Deadline())


def test_urgent_calls_overtake_patient_ones() -> None:
    """A backlog of calls with late deadlines does not block urgent ones, and is not made late by them."""
    machine = Machine(cost_s=0.03, rate=2.0)
    machine.loaded(1.0, 60.0, 5)
    while machine.come(60.0):
        pass
    assert machine.come(1.0)
    taken = sum(machine.come(1.0) for _ in range(1000))
    assert 0 < taken < 34


def test_calls_of_one_deadline_and_unknown_cost_leave_in_any_order() -> None:
    """Calls with the same deadline and a cost not known yet can each leave, whichever left before."""
    admission = Admission(2, 10, lambda: False, Clock(lambda: 0.0, lambda: 0.0))
    tickets = [admission.enter(METHOD, Deadline(30.0)) for _ in range(3)]
    for ticket in tickets:
        admission.begin(ticket)
        admission.measure(ticket, 1000)
    for ticket in tickets:
        admission.leave(ticket, is_whole=True)
    assert admission.delay_s(METHOD, Deadline(30.0)) == 0


def test_long_calls_do_not_have_short_ones_refused() -> None:
    """Two calls that cannot be done in time, admitted since the cores were idle, are overtaken."""
    spent = [0.0]
    admission = Admission(2, 100, lambda: False, Clock(lambda: spent[0], lambda: spent[0]))
    first = admission.enter("/a.A/Long", Deadline(1e9))
    admission.begin(first)
    spent[0] += 70.0
    admission.leave(first, is_whole=True)
    now = spent[0]
    for _ in range(2):
        admission.begin(admission.enter("/a.A/Long", Deadline(now + 50.0)))
    assert 0 == admission.delay_s(METHOD, Deadline(now + 10.0))
