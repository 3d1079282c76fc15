"""`python -m tests.support.stores.writing_process FILE enrol|delete|unsynced [FIRST]`: 64 callers write until killed.

It prints the number of each subject whose enrolment, or deletion, was acknowledged in a SQLite store, one per line.
Subject n has n % 3 + 1 encounters in the end, and request ids that are made from n, so that another process can repeat
what this one began. The log is moved into the file every 100 pages, so that an interruption meets this too. `unsynced`
enrols with `synchronous = NORMAL`, which may lose acknowledged writes, to show that a test notices it.
"""

from __future__ import annotations

import asyncio
import sys
from itertools import count
from pathlib import Path

from gallery.store.sqlite import file
from gallery.store.subject_store import PartitionedStore
from gallery.store.values import Enrolment
from tests.support.builders import enrolment, reference
from tests.support.stores.sqlite_store import sqlite_store

CALLERS = 64


def subject_of(number: int) -> str:
    """Id of a subject."""
    return f"written-subject-{number}"


def enrolments_of(number: int) -> list[Enrolment]:
    """The enrolments of a subject, in order."""
    return [
        enrolment(
            subject_of(number),
            reference([0.625, number, 2.375, encounter]),
            encounter_id=f"e{encounter}",
            request_id=f"enrol-{number}-{encounter}",
            create_subject=encounter == 0,
        )
        for encounter in range(number % 3 + 1)
    ]


async def written(store: PartitionedStore, number: int, what: str) -> None:
    """Enrol a subject completely, and erase it again if `what` is "delete"."""
    for each in enrolments_of(number):
        await store.enroll(each)
    if what == "delete":
        await store.delete(subject_of(number), f"delete-{number}", "d")


async def main(path: str, what: str, first: str = "0") -> None:
    """Write until killed."""
    file.SETTINGS = file.SETTINGS.replace("4000", "100")
    if what == "unsynced":
        file.SETTINGS = file.SETTINGS.replace("FULL", "NORMAL")
    store, numbers = sqlite_store(Path(path)), count(int(first))

    async def call() -> None:
        for number in numbers:
            await written(store, number, what)
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()

    await asyncio.gather(*(call() for _ in range(CALLERS)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
