"""Enrolments in SQLite by 64 callers, against raw group commits of the same bytes on the same disk."""

from __future__ import annotations

import asyncio
import os
import tempfile
import uuid
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.harness import ROUNDS, Row, compare, median_ms
from biometrics.template import POSITIONS, Modality, Template
from gallery.sealing.key_file import KeyFile
from gallery.sealing.key_table_file import KeyTableFile
from gallery.store.sqlite.backend import SqliteBackend
from gallery.store.subject_store import PartitionedStore
from gallery.store.values import Enrolment
from gallery.subject import DEFAULT_GALLERY, Encounter, Reference

CALLERS = 64
COUNT = 1024
"""Enrolments in one round."""
SIZES = {Modality.FACE: (1, 512), Modality.FINGERPRINT: (10, 654), Modality.IRIS: (2, 4104)}
"""References of a person, and bytes of each template, as the services make them (a finger: of 59 minutiae)."""
BYTES = sum(count * size for count, size in SIZES.values())


def measure() -> Row:
    """People with face, ten fingers and two irises; the reference appends 64 of them to a file with each sync."""
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        path = Path(folder) / "store"
        table, key = KeyTableFile(path.with_suffix(".keys")), KeyFile(path.with_suffix(".key"), may_make=True)
        store = PartitionedStore(SqliteBackend(path), table, key)
        group = os.urandom(CALLERS * BYTES)
        prepared = iter([_enrolments() for _ in range(ROUNDS + 1)])  # as making them is not to be timed
        limit_ms = median_ms(lambda: _append(Path(folder) / "synced", bytes(4096)))

        def ours() -> None:
            runner.run(_enrol(store, next(prepared)))

        row = compare(
            f"{COUNT} enrolments of 13 templates ({BYTES / 1000:.1f} kB) in SQLite, {CALLERS} callers",
            ours,
            f"appending {CALLERS} people's templates to a file, then fsync",
            lambda: _append(Path(folder) / "raw", group),
            (limit_ms, f"{COUNT // CALLERS} syncs of 4 KB"),
        )
        runner.run(store.close())
    return row


def _enrolments() -> list[Enrolment]:
    return [
        Enrolment(
            request_id=str(uuid.uuid4()),
            digest=os.urandom(32).hex(),
            subject_id=str(uuid.uuid4()),
            galleries=(DEFAULT_GALLERY,),
            encounter=Encounter("e1", datetime.now(UTC), _references()),
            create_subject=True,
        )
        for _ in range(COUNT)
    ]


def _references() -> tuple[Reference, ...]:
    return tuple(
        Reference(position, Template(modality, f"{modality.value.lower()}-1", os.urandom(size)), 90.0)
        for modality, (count, size) in SIZES.items()
        for position in POSITIONS[modality][:count]
    )


async def _enrol(store: PartitionedStore, enrolments: list[Enrolment]) -> None:
    async def call(own: list[Enrolment]) -> None:
        for each in own:
            await store.enroll(each)

    await asyncio.gather(*(call(enrolments[start::CALLERS]) for start in range(CALLERS)))


def _append(path: Path, group: bytes) -> None:
    with path.open("ab") as file:
        for _ in range(COUNT // CALLERS):
            file.write(group)
            file.flush()
            os.fsync(file.fileno())
