"""`python -m tests.support.jobs.working_process STORE [NAMESPACE]`: works on jobs until it is killed.

STORE is a SQLite file or the URL of a Redis server. It prints the number of each row whose effect was written.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from fusion.jobs.job_rows import JobRows
from fusion.jobs.options import JobOptions
from fusion.jobs.work.engine import JobEngine
from gallery.store.backend import Backend
from gallery.store.redis.backend import RedisBackend
from gallery.store.sqlite.backend import SqliteBackend
from tests.support.jobs.number_kind import NumberKind

OPTIONS = JobOptions(workers=3, lease_s=0.5, poll_s=0.1)


def backend_of(store: str, namespace: str = "") -> Backend:
    """The store that the arguments name."""
    return RedisBackend(store, namespace, partition_count=4) if namespace else SqliteBackend(Path(store))


def say(number: int) -> None:
    """Print a number at once."""
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


async def main(*arguments: str) -> None:
    """Work until killed."""
    documents = backend_of(*arguments).documents
    engine = JobEngine(JobRows(documents), [NumberKind(documents, say)], OPTIONS)
    engine.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
