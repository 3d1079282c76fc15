"""Rows that are worked on at once and reported in order; and patience with services that do not answer."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable
from typing import Any, TypeVar

from biometrics.errors import DeadlineExpired, Overloaded, RecordUnreadable, Unavailable

T = TypeVar("T")

PASSING = (Unavailable, Overloaded, DeadlineExpired)
"""Errors that time repairs, but for a record that cannot be read."""

PAUSES_S = (0.1, 0.3, 1.0)
"""Pauses, in seconds, before a row is tried again. What fails still is left to the engine of jobs, which goes on."""


async def in_order(work: Iterable[Coroutine[Any, Any, T]], at_once: int) -> AsyncGenerator[T, None]:
    """The results of coroutines in their order, with at most `at_once` of them running.

    An error of one ends the others and is raised in its place in the order. When the generator is closed, those that
    run are cancelled.
    """
    running: deque[asyncio.Task[T]] = deque()
    waiting = iter(work)
    try:
        while True:
            while len(running) < at_once and (each := next(waiting, None)) is not None:
                running.append(asyncio.create_task(each))
            if not running:
                return
            yield await running[0]
            running.popleft()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def patiently(work: Callable[[], Awaitable[T]]) -> T:
    """The result of a row's work, which is tried again if something does not answer."""
    for pause_s in PAUSES_S:
        try:
            return await work()
        except RecordUnreadable:
            raise
        except PASSING:
            await asyncio.sleep(pause_s)
    return await work()
