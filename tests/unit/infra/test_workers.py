from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from threading import Event

import pytest

from biometrics.errors import DeadlineExpired, Overloaded
from infra.deadlines import Deadline, current_deadline
from infra.fairness.flows import current_flow
from infra.workers import Steps, Workers, completed


class Held:
    """Work that occupies its thread until it is released or its caller has gone."""

    def __init__(self) -> None:
        self.begun, self.may_end, self.saw_the_end = Event(), Event(), Event()

    def __call__(self) -> str:
        """The work."""
        self.begun.set()
        while not self.may_end.wait(0.001):
            if current_deadline.get().has_passed:
                self.saw_the_end.set()
        return "done"


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    """A pool of one thread and at most three pieces of work."""
    workers = Workers(1, 3)
    yield workers
    workers.close()


async def begun(workers: Workers) -> tuple[Held, asyncio.Task[str]]:
    """Running work, and its caller."""
    held = Held()
    task = asyncio.create_task(workers.run(held))
    assert await asyncio.to_thread(held.begun.wait, 30)
    return held, task


def urgent(seconds: float, workers: Workers, order: list[float]) -> asyncio.Task[None]:
    """Work with this much time left, which records when it is done."""

    async def run() -> None:
        current_deadline.set(Deadline.after(seconds))
        await workers.run(order.append, seconds)

    return asyncio.create_task(run())


async def test_waiting_work_is_done_in_order_of_deadlines(workers: Workers) -> None:
    """Not in the order of arrival."""
    held, first = await begun(workers)
    order: list[float] = []
    rest = [urgent(seconds, workers, order) for seconds in (3000, 1000)]
    await asyncio.sleep(0)
    held.may_end.set()
    await asyncio.gather(first, *rest)
    assert [1000, 3000] == order


async def test_abandoned_running_work_counts_until_it_ends(workers: Workers) -> None:
    """The work sees that its caller has gone; it counts as pending until it ends."""
    held, task = await begun(workers)
    task.cancel()
    await asyncio.wait([task])
    assert await asyncio.to_thread(held.saw_the_end.wait, 30)
    assert 1 == workers._pending
    held.may_end.set()
    assert 1 == await workers.run(lambda: workers._pending)


async def test_abandoned_waiting_work_is_dropped_at_once(workers: Workers) -> None:
    """It makes room for other work, and is never begun."""
    held, first = await begun(workers)
    order: list[float] = []
    waiting = [urgent(1000, workers, order), urgent(2000, workers, order)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await workers.run(lambda: None)
    waiting[0].cancel()
    await asyncio.wait(waiting[:1])
    assert (2, True) == (workers._pending, workers.has_backlog)
    held.may_end.set()
    await asyncio.gather(first, waiting[1])
    assert [2000] == order


async def test_work_is_not_begun_after_its_deadline(workers: Workers) -> None:
    """Whether the deadline passes before the request or while the work waits."""
    current_deadline.set(Deadline.after(-1.0))
    with pytest.raises(DeadlineExpired):
        await workers.run(lambda: None)


async def test_an_error_of_the_work_is_raised_in_the_caller(workers: Workers) -> None:
    """It is raised by `run`, and the next work is done."""

    def fails() -> None:
        raise ValueError("unlucky")

    with pytest.raises(ValueError, match="unlucky"):
        await workers.run(fails)
    assert 3 == await workers.run(lambda: 3)


async def test_flows_take_turns(workers: Workers) -> None:
    """A flow whose work was quick goes before the more urgent work of one that has used much time."""
    order: list[str] = []

    async def run(flow: str, seconds: float) -> None:
        current_flow.set(flow)
        current_deadline.set(Deadline.after(seconds))
        await workers.run(order.append, flow)

    current_flow.set("busy")
    held, first = await begun(workers)
    await asyncio.to_thread(held.may_end.wait, 0.05)  # time that the flow is charged
    rest = [asyncio.create_task(run("busy", 1000)), asyncio.create_task(run("modest", 2000))]
    await asyncio.sleep(0)
    held.may_end.set()
    await asyncio.gather(first, *rest)
    assert ["modest", "busy"] == order


async def test_other_work_is_done_between_the_steps_of_long_work(workers: Workers) -> None:
    """Work in steps gives its thread to waiting work that goes first, and its result is that of its last step."""
    order: list[str] = []
    step, waits = Event(), Event()

    def steps() -> Steps[str]:
        step.set()
        waits.wait(30)
        order.append("first step")
        yield
        order.append("second step")
        return "whole"

    task = asyncio.create_task(workers.run_in_steps(steps()))
    assert await asyncio.to_thread(step.wait, 30)
    current_flow.set("other")
    other = asyncio.create_task(workers.run(order.append, "other"))
    await asyncio.sleep(0)
    waits.set()
    assert "whole" == await task
    await other
    assert ["first step", "other", "second step"] == order


async def test_steps_end_when_their_caller_gives_up(workers: Workers) -> None:
    """The step in progress is the last one."""
    begun_, may_end = Event(), Event()
    taken: list[int] = []

    def steps() -> Steps[None]:
        for number in range(1000):
            taken.append(number)
            begun_.set()
            may_end.wait(30)
            yield

    task = asyncio.create_task(workers.run_in_steps(steps()))
    assert await asyncio.to_thread(begun_.wait, 30)
    task.cancel()
    await asyncio.wait([task])
    may_end.set()
    await workers.run(lambda: None)
    assert [0] == taken


def test_steps_can_be_completed_at_once() -> None:
    """The result is that of the generator."""

    def steps() -> Steps[int]:
        yield
        yield
        return 3

    assert 3 == completed(steps())
