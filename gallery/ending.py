"""Ends background tasks that run until they are cancelled."""

from __future__ import annotations

import asyncio
from contextlib import suppress


async def end(task: asyncio.Task[None] | None) -> None:
    """Cancel a task and return when it has ended; do nothing for None."""
    if task is not None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
