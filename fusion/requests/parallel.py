"""Concurrent work: calls in parallel, and computation off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

STEPS_AT_ONCE = 200
"""Work of more steps than this (of about 10 µs) runs in a thread, so that the event loop can serve other calls."""


async def computed(steps: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `work(*args, **kwargs)` of about this many steps: directly if they are few, else in a thread."""
    return work(*args, **kwargs) if steps <= STEPS_AT_ONCE else await asyncio.to_thread(work, *args, **kwargs)


async def in_parallel(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Run all concurrently and return the results in order; the first error cancels the others and is raised."""
    work = list(work)
    if len(work) == 1:
        return [await work[0]]
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in work]
    except BaseExceptionGroup as group_of_errors:
        raise _first(group_of_errors) from None
    return [task.result() for task in tasks]


def _first(error: BaseException) -> BaseException:
    return _first(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error
