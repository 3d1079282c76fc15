"""Loading an index of 50,000 faces from a SQLite store, against only reading the store."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from gallery.store.sqlite.store import SqliteStore

from benchmarks.face.synthetic_faces import unit
from benchmarks.harness import Row, compare
from benchmarks.limits import read_bytes_per_s
from biometrics.template import Position
from gallery.index.exact import ExactIndex
from gallery.operations.record import pack as pack_record
from gallery.subject import DEFAULT_GALLERY, Encounter, Reference, Subject
from services.face.comparator import SEGMENT_ROWS, FaceComparator
from services.face.template.features import pack

COUNT, PAGE = 50_000, 4096


def measure() -> Row:
    """Both read the same pages; each subject has one encounter with one face."""
    comparator = FaceComparator()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        asyncio.run(_with(path, _position))
        _fill(path)
        size = path.stat().st_size
        return compare(
            f"{COUNT:,} faces from a SQLite store into an index",
            lambda: asyncio.run(_with(path, lambda store: _load(store, comparator))),
            "the store read alone",
            lambda: asyncio.run(_with(path, _read)),
            (1000 * size / read_bytes_per_s(), "reading as many bytes as the file has"),
        )


async def _with(path: Path, work: Callable[[SqliteStore], object]) -> None:
    store = SqliteStore(path)
    await work(store)  # type: ignore[misc]  # all of them are coroutines
    await store.close()


async def _position(store: SqliteStore) -> None:
    await store.position()


async def _load(store: SqliteStore, comparator: FaceComparator) -> None:
    index = ExactIndex(store, comparator, page_size=PAGE, segment_size=SEGMENT_ROWS)
    await index.start()
    assert index.count(DEFAULT_GALLERY) == COUNT
    await index.close()


async def _read(store: SqliteStore) -> None:
    page = await store.list(PAGE)
    while page.next_page_token:
        page = await store.list(PAGE, page.next_page_token)


def _fill(path: Path) -> None:
    """Fill a store with enrolments in one transaction."""
    time = datetime(2026, 1, 1, tzinfo=UTC)
    faces = (Reference(Position.FACE, pack(vector), 90.0) for vector in unit(COUNT, 1))
    subjects = (
        Subject(f"s{number:07}", (DEFAULT_GALLERY,), (Encounter("e", time, (face,)),))
        for number, face in enumerate(faces)
    )
    with sqlite3.connect(path) as connection:
        rows = ((subject.subject_id, pack_record(subject)) for subject in subjects)
        connection.executemany("INSERT INTO subjects VALUES (?, ?)", rows)
    connection.close()
