from __future__ import annotations

import asyncio

from gallery.ending import end


async def test_the_task_has_ended_when_the_call_returns() -> None:
    """The task's cleanup has run before the call returns; ending None is no error."""
    said: list[str] = []

    async def run() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            said.append("farewell")

    task = asyncio.create_task(run())
    await asyncio.sleep(0)
    await end(task)
    await end(None)
    assert (["farewell"], True) == (said, task.cancelled())
