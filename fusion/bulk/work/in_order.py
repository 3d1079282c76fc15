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
    turns, waiting = asyncio.Semaphore(at_once), iter(work)
    begun: deque[tuple[Coroutine[Any, Any, T], asyncio.Task[T]]] = deque()
    try:
        while True:
            while len(begun) < AHEAD * at_once and (each := next(waiting, None)) is not None:
                begun.append((each, asyncio.create_task(_in_turn(each, turns))))
            if not begun:
                return
            yield await begun[0][1]
            begun.popleft()
    finally:
        for _, task in begun:
            task.cancel()
        await asyncio.gather(*(task for _, task in begun), return_exceptions=True)
        for each, _ in begun:
            each.close()  # one whose turn had not come yet was never begun


async def _in_turn(work: Coroutine[Any, Any, T], turns: asyncio.Semaphore) -> T:
    async with turns:
        return await work


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
