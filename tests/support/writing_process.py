"""`python -m tests.support.writing_process FILE enrol|delete`: 64 callers write to a SQLite store until it is killed.

It prints the id of each subject whose enrolment, or deletion, was acknowledged, one per line.
"""

from __future__ import annotations

import asyncio
import sys

from gallery.store.sqlite.store import SqliteStore
from tests.support.builders import enrolment, reference

CALLERS = 64


async def main(path: str, what: str) -> None:
    """Write until killed."""
    store = SqliteStore(path)
    numbers = iter(range(10**9))

    async def call() -> None:
        for number in numbers:
            subject_id = f"written-subject-{number}"
            await store.enroll(enrolment(subject_id, reference([0.625, number, 2.375, 3.125])))
            if what == "delete":
                await store.delete(subject_id, f"delete-{number}", "d")
            sys.stdout.write(subject_id + "\n")
            sys.stdout.flush()

    await asyncio.gather(*(call() for _ in range(CALLERS)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
