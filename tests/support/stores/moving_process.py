"""`python -m tests.support.stores.moving_process STORE FIRST`: 16 callers move encounters until killed.

STORE is a SQLite file or the URL of a Redis server. Caller by caller, source n is enrolled with the encounters `<n>-0`
and `<n>-1`, and target n with `<n>-2`; then `<n>-0` moves to the target, and the number is printed when that was
acknowledged; numbers that 3 divides then move all that is left, and those one above such are deleted instead.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

from gallery.sealing.key_file import KeyFile
from gallery.store.life.values import Move
from gallery.store.redis.backend import RedisBackend
from gallery.store.redis.key_table import RedisKeyTable
from gallery.store.subject_store import PartitionedStore
from tests.support.builders import enrolment
from tests.support.stores.sqlite_store import sqlite_store

CALLERS = 16


@asynccontextmanager
async def opened(where: str, folder: Path) -> AsyncIterator[PartitionedStore]:
    """The store, whose key file is in this folder."""
    if where.startswith("redis"):
        key = KeyFile(folder / "key", may_make=True)
        backend = RedisBackend(where, "moves", partition_count=4)
        store = PartitionedStore(backend, RedisKeyTable(where, "moves"), key)
    else:
        store = sqlite_store(Path(where), partition_count=4)
    try:
        yield store
    finally:
        await store.close()


async def moved(store: PartitionedStore, number: int) -> None:
    """All requests of one number, in order; each has an id of its own, so that they can be repeated."""
    source, target = f"source-{number}", f"target-{number}"
    for subject_id, own in ((source, f"{number}-0"), (source, f"{number}-1"), (target, f"{number}-2")):
        create = not own.endswith("-1")
        wanted = enrolment(subject_id, encounter_id=own, request_id=f"enrol-{own}", create_subject=create)
        await store.enroll(wanted)
    await store.move_encounters(Move(f"move-{number}", "d", source, target, (f"{number}-0",)))
    if number % 3 == 0:
        await store.move_encounters(Move(f"merge-{number}", "d", source, target))
    elif number % 3 == 1:
        await store.delete(source, f"delete-{number}", "d")


def expected(number: int) -> dict[str, list[str]]:
    """Encounters of the subjects of one number, when all of its requests are done."""
    target = {f"target-{number}": [f"{number}-2", f"{number}-0", *([f"{number}-1"] if number % 3 == 0 else [])]}
    return target | ({f"source-{number}": [f"{number}-1"]} if number % 3 == 2 else {})


async def main(where: str, folder: str, first: str) -> None:
    """Move until killed."""
    numbers = count(int(first))
    async with opened(where, Path(folder)) as store:

        async def call() -> None:
            for number in numbers:
                await moved(store, number)
                sys.stdout.write(f"{number}\n")
                sys.stdout.flush()

        await asyncio.gather(*(call() for _ in range(CALLERS)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
