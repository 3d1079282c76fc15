"""ListSubjects of 1,000 subjects of three templates each, in SQLite: in the BASIC view against the FULL one."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from benchmarks.harness import ROUNDS, Row, compare, median_ms
from benchmarks.services.synthetic_people import POSITIONS, QUALITY, captures
from benchmarks.services.synthetic_store import SqliteStore
from biometrics.template import Modality
from fusion.wire.subjects import subject_to_wire
from gallery.store.values import Enrolment
from gallery.subject import DEFAULT_GALLERY, Encounter, Reference

PEOPLE, PARTITIONS = 1_000, 64


def measure() -> Row:
    """From the file to the message's bytes, without a call; the ratio of CPU times is also printed."""
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        store = SqliteStore(Path(folder), PARTITIONS)
        runner.run(_enrol(store))
        basic, full = (lambda: runner.run(_listed(store.list_summaries))), (lambda: runner.run(_listed(store.list)))
        row = compare(
            f"ListSubjects of {PEOPLE:,} subjects of 3 templates, BASIC",
            basic,
            "the same, FULL",
            full,
            (median_ms(lambda: runner.run(_records(store))), "to read the sealed records alone"),
        )
        print(f"CPU of a list: FULL takes {_cpu_ratio(full, basic):.1f} times that of BASIC")
        runner.run(store.close())
    return row


async def _enrol(store: SqliteStore) -> None:
    await asyncio.gather(*(store.enroll(_enrolment(number)) for number in range(PEOPLE)))


def _enrolment(number: int) -> Enrolment:
    references = tuple(Reference(POSITIONS[each], captures(each, number)[0], QUALITY) for each in Modality)
    encounter = Encounter("first", datetime(2026, 1, 1, tzinfo=UTC), references)
    return Enrolment(f"r{number}", "d", f"person-{number}", (DEFAULT_GALLERY,), encounter, create_subject=True)


async def _listed(read: Callable[[int], object]) -> None:
    page = await read(PEOPLE)  # type: ignore[misc]  # of either kind
    for subject in page.subjects:
        subject_to_wire(subject).SerializeToString()


async def _records(store: SqliteStore) -> None:
    identity, ids = await store.backend.identity(), await store.backend.ids("", PEOPLE, "")
    await store.backend.read([identity.key(each) for each in ids], list(Modality), encounters=True)


def _cpu_ratio(one: Callable[[], None], other: Callable[[], None]) -> float:
    """CPU time of one over that of the other: median over rounds, each of which runs both."""
    ratios = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        one()
        between = time.process_time()
        other()
        ratios.append((between - begin) / (time.process_time() - between))
    return median(ratios)
