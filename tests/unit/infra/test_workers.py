from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from threading import Event

import pytest

from biometrics.errors import DeadlineExpired, Overloaded
from infra.deadlines import Deadline, current_deadline
from infra.workers import Workers


class Held:
    """Work that holds its thread until it is let go, or its caller has gone."""

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
    """One thread, three pieces of work at most."""
    workers = Workers(1, 3)
    yield workers
    workers.close()


async def begun(workers: Workers) -> tuple[Held, asyncio.Task[str]]:
    """Work that has begun, and its caller."""
    held = Held()
    task = asyncio.create_task(workers.run(held))
    assert await asyncio.to_thread(held.begun.wait, 30)
    return held, task


def urgent(seconds: float, workers: Workers, order: list[float]) -> asyncio.Task[None]:
    """Work with so much time, which notes when it is done."""

    async def run() -> None:
        current_deadline.set(Deadline.after(seconds))
        await workers.run(order.append, seconds)

    return asyncio.create_task(run())


async def test_what_waits_is_taken_in_order_of_deadlines(workers: Workers) -> None:
    """Not in the order in which it came."""
    held, first = await begun(workers)
    order: list[float] = []
    rest = [urgent(seconds, workers, order) for seconds in (3000, 1000)]
    await asyncio.sleep(0)
    held.may_end.set()
    await asyncio.gather(first, *rest)
    assert [1000, 3000] == order


async def test_what_nobody_waits_for_keeps_its_place_until_it_has_ended(workers: Workers) -> None:
    """A caller that goes is seen by the work; until that has ended, the work counts."""
    held, task = await begun(workers)
    task.cancel()
    await asyncio.wait([task])
    assert await asyncio.to_thread(held.saw_the_end.wait, 30)
    assert 1 == workers._pending
    held.may_end.set()
    assert 1 == await workers.run(lambda: workers._pending)


async def test_what_waits_leaves_at_once_with_its_caller(workers: Workers) -> None:
    """It makes room for others, and is never begun."""
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
    """Whether that has passed before it is asked for or while it waits."""
    current_deadline.set(Deadline.after(-1.0))
    with pytest.raises(DeadlineExpired):
        await workers.run(lambda: None)


async def test_an_error_of_the_work_is_its_callers(workers: Workers) -> None:
    """It is raised where the work was asked for, and the next work is done."""

    def fails() -> None:
        raise ValueError("unlucky")

    with pytest.raises(ValueError, match="unlucky"):
        await workers.run(fails)
    assert 3 == await workers.run(lambda: 3)
