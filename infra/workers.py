"""Threads for work that would block the event loop: models, comparisons."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from biometrics.errors import Overloaded

P = ParamSpec("P")
T = TypeVar("T")


class Workers:
    """A bounded pool. Work that has not begun when its caller gives up is never begun.

    Args:
        count: number of threads.
        max_pending: pieces of work in hand, running ones included, before new ones are refused.
    """

    def __init__(self, count: int, max_pending: int) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="worker")
        self._max_pending = max_pending
        self._pending = 0

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the work in a thread and return its result.

        Raises:
            Overloaded: too much is waiting already.
        """
        if self._pending >= self._max_pending:
            raise Overloaded("Too many requests are waiting. Try again in a moment.", limit=str(self._max_pending))
        self._pending += 1
        try:
            return await asyncio.wrap_future(self._pool.submit(work, *args, **kwargs))
        finally:
            self._pending -= 1

    def close(self) -> None:
        """Stop taking work; what runs is finished."""
        self._pool.shutdown(wait=False, cancel_futures=True)
