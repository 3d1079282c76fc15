"""Works on jobs in a process of its own. It does not know Ray, which calls its methods."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass

from biometrics.errors import BiofusionError
from fusion.jobs.work.engine import JobEngine

Open = Callable[[], AbstractAsyncContextManager[JobEngine]]
"""Opens what a process works with, and closes it. Picklable."""


@dataclass(frozen=True, slots=True)
class JobProcessStatus:
    """State of a process.

    Args:
        process_id: on its machine.
        error: why it cannot work; "" if it does.
    """

    process_id: int
    error: str = ""


class JobProcess:
    """Works from the first call of `status` until `close`, on any jobs of the store, as a fusion process does.

    Args:
        workplace: opens what it works with.
    """

    def __init__(self, workplace: Open) -> None:
        self._workplace, self._open, self._turn = workplace, AsyncExitStack(), asyncio.Lock()
        self._is_working = False

    async def status(self) -> JobProcessStatus:
        """The state; begins to work, if it does not yet."""
        async with self._turn:
            try:
                if not self._is_working:
                    engine = await self._open.enter_async_context(self._workplace())
                    engine.start()
                    self._is_working = True
            except BiofusionError as error:
                return JobProcessStatus(os.getpid(), error.message)
        return JobProcessStatus(os.getpid())

    async def close(self) -> None:
        """Give back what is in hand, for others to begin again, and close all."""
        async with self._turn:
            await self._open.aclose()
            self._is_working = False
