"""Follows erasures in processes without an index, to overwrite what they read of erased subjects."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from biometrics.errors import BiofusionError, FeedTruncated, FieldInvalid
from gallery.ending import end
from gallery.erased_memory import scrub
from gallery.store.port import SubjectStore
from gallery.store.tokens import joined
from gallery.store.values import ConsistencyToken

log = logging.getLogger(__name__)

BATCH = 500
WAIT_S = 10.0
SCRUBS_S = (5.0, 20.0)
"""Seconds from an erasure to overwriting memory, and to doing so again when calls that ran meanwhile have ended."""
RETRY_S = 1.0


@asynccontextmanager
async def scrubbed_after_erasures(store: SubjectStore) -> AsyncIterator[None]:
    """Context during which a task follows erasures, and overwrites what this process read of the erased."""
    task = asyncio.create_task(scrub_after_erasures(store))
    try:
        yield
    finally:
        await end(task)


async def scrub_after_erasures(store: SubjectStore) -> None:
    """Follow the change feed until cancelled; some seconds after an erasure, overwrite this process's free memory."""
    position: ConsistencyToken | None = None
    due: list[float] = []
    while True:
        try:
            if position is None:
                position = await store.position()
            changes = await store.changes(position, BATCH, _until(due))
            position = joined([position, *(change.token for change in changes)])
            if any(change.kind.removes for change in changes):
                due = [time.monotonic() + after_s for after_s in SCRUBS_S] if len(due) < len(SCRUBS_S) else due
        except (FeedTruncated, FieldInvalid):  # something may have been erased meanwhile
            position, due = None, [time.monotonic() + after_s for after_s in SCRUBS_S]
        except BiofusionError as error:
            log.debug("Erasures cannot be followed now: %s", error.message)
            await asyncio.sleep(RETRY_S)
        if due and time.monotonic() >= due[0]:
            due = due[1:]
            await store.close_idle()
            await asyncio.to_thread(scrub)


def _until(due: list[float]) -> float:
    return min(WAIT_S, max(0.0, due[0] - time.monotonic())) if due else WAIT_S
