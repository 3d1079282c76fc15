"""Enrolments in SQLite by 64 callers, against raw group commits of the same bytes on the same disk."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import tempfile
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from gallery.store.sqlite.store import SqliteStore

from benchmarks.face.synthetic_faces import unit
from benchmarks.harness import Row, compare, median_ms
from biometrics.template import Position, Template
from gallery.operations.record import pack
from gallery.store.sqlite.file import SETTINGS
from gallery.store.values import Enrolment
from gallery.subject import DEFAULT_GALLERY, Encounter, Reference, Subject
from services.face.template.features import pack as packed_face

CALLERS = 64
COUNT = 512
"""Enrolments in one round."""


def measure() -> Row:
    """512 face templates; callers enrol one after another. The reference only writes 64 records with each sync."""
    faces = [packed_face(vector) for vector in unit(COUNT, 1)]
    numbers = count()
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        store = SqliteStore(Path(folder) / "store.db")
        raw = sqlite3.connect(Path(folder) / "raw.db", isolation_level=None)
        raw.executescript(SETTINGS + "CREATE TABLE records (subject_id TEXT PRIMARY KEY, record BLOB);")
        limit_ms = median_ms(lambda: _sync(Path(folder) / "synced"))
        row = compare(
            f"{COUNT} enrolments of a face template in SQLite, {CALLERS} callers",
            lambda: runner.run(_enrol(store, _enrolments(faces, numbers))),
            f"raw commits of {CALLERS} records",
            lambda: _commit(raw, _enrolments(faces, numbers)),
            (limit_ms, f"{COUNT // CALLERS} syncs of the disk"),
        )
        raw.close()
        runner.run(store.close())
    return row


def _enrolments(faces: Iterable[Template], numbers: Iterable[int]) -> list[Enrolment]:
    return [
        Enrolment(
            request_id=str(uuid.uuid4()),
            digest=f"{number:064x}",
            subject_id=f"subject-{number}",
            galleries=(DEFAULT_GALLERY,),
            encounter=Encounter(f"e{number}", datetime.now(UTC), (Reference(Position.FACE, face, 90.0),)),
            create_subject=True,
        )
        for face, number in zip(faces, numbers, strict=False)
    ]


async def _enrol(store: SqliteStore, enrolments: list[Enrolment]) -> None:
    async def call(own: list[Enrolment]) -> None:
        for each in own:
            await store.enroll(each)

    await asyncio.gather(*(call(enrolments[start::CALLERS]) for start in range(CALLERS)))


def _commit(raw: sqlite3.Connection, enrolments: list[Enrolment]) -> None:
    for start in range(0, COUNT, CALLERS):
        subjects = [Subject(e.subject_id, e.galleries, (e.encounter,)) for e in enrolments[start : start + CALLERS]]
        raw.execute("BEGIN IMMEDIATE")
        raw.executemany("INSERT INTO records VALUES (?, ?)", [(each.subject_id, pack(each)) for each in subjects])
        raw.execute("COMMIT")


def _sync(path: Path) -> None:
    with path.open("ab") as file:
        for _ in range(COUNT // CALLERS):
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
