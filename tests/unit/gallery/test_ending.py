from __future__ import annotations

import asyncio

from gallery.ending import end


async def test_a_task_has_ended_when_it_was_told_to() -> None:
    """Its last words are spoken before the call returns; to end no task is no error."""
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
