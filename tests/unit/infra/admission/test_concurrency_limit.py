from __future__ import annotations

import asyncio

from infra.admission.concurrency_limit import ConcurrencyLimit
from infra.deadlines import Deadline


async def entered(concurrency_limit: ConcurrencyLimit, at: float, order: list[float]) -> None:
    """Record when a call with this deadline is let in."""
    await concurrency_limit.enter(Deadline(at))
    order.append(at)


async def test_waiting_calls_enter_in_order_of_deadlines() -> None:
    """The call with the earliest deadline enters first."""
    concurrency_limit, order = ConcurrencyLimit(1, 1), list[float]()
    calls = [asyncio.create_task(entered(concurrency_limit, at, order)) for at in (5, 9, 7)]
    for _ in range(2):
        await asyncio.sleep(0)
        concurrency_limit.leave()
    await asyncio.gather(*calls)
    assert [5, 7, 9] == order


async def test_the_limit_falls_while_the_loop_is_late_and_rises_otherwise() -> None:
    """It stays between the number that keeps the cores busy and the maximum."""
    concurrency_limit, order = ConcurrencyLimit(2, 100), list[float]()
    for _ in range(100):
        concurrency_limit.adjust(is_late=True)
    calls = [asyncio.create_task(entered(concurrency_limit, at, order)) for at in range(50)]
    await asyncio.sleep(0)
    assert (2, True) == (len(order), concurrency_limit.has_waiting)
    for _ in range(100):
        concurrency_limit.adjust(is_late=False)
    await asyncio.gather(*calls)
    assert (50, False) == (len(order), concurrency_limit.has_waiting)


async def test_a_cancelled_call_holds_no_place() -> None:
    """Neither if it is cancelled while it waits, nor at the moment it was let in."""
    concurrency_limit, order = ConcurrencyLimit(1, 1), list[float]()
    first, second, third = (asyncio.create_task(entered(concurrency_limit, at, order)) for at in (1, 2, 3))
    await asyncio.sleep(0)
    concurrency_limit.leave()  # lets the second in, which has not run yet
    second.cancel()
    await asyncio.gather(first, third)
    assert [1, 3] == order
