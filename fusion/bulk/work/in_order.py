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

AHEAD = 2
PAUSES_S = (0.1, 0.3, 1.0)
"""Pauses, in seconds, before a row is tried again. What fails still is left to the engine of jobs, which goes on."""


async def in_order(work: Iterable[Coroutine[Any, Any, T]], at_once: int) -> AsyncGenerator[T, None]:
    """The results of coroutines in their order, with at most `at_once` of them running.

    The next ones begin as soon as others end, up to `AHEAD` times `at_once` ahead of the results that were taken, so
    that whoever takes them slowly slows the work down. An error of one ends the others and is raised in its place in
    the order. When the generator is closed, those that run are cancelled.
    """
    turns, tasks, waiting = asyncio.Semaphore(at_once), deque[asyncio.Task[T]](), iter(work)
    try:
        while True:
            while len(tasks) < AHEAD * at_once and (each := next(waiting, None)) is not None:
                tasks.append(asyncio.create_task(_in_turn(each, turns)))
            if not tasks:
                return
            yield await tasks[0]
            tasks.popleft()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _in_turn(work: Coroutine[Any, Any, T], turns: asyncio.Semaphore) -> T:
    try:
        async with turns:
            return await work
    finally:
        work.close()  # if it was cancelled before its turn


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
