"""Measures what a database, the indexes and snapshots keep: `python -m studies.capacity --store URL`.

As many made-up subjects are enrolled twice, and the difference that the second half makes is divided by their number,
so that what an empty store has does not count. The settings of the store are those of the environment.
"""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import connect
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit
from uuid import UUID

from biometrics.template import POSITIONS, Modality, Position
from gallery.index.exact import ExactIndex
from gallery.snapshots.directory import Directory
from gallery.snapshots.writing import make_snapshot
from gallery.store.open_store import open_store
from gallery.store.options import StoreOptions
from gallery.store.port import SubjectStore
from gallery.store.subject_store import PartitionedStore
from gallery.store.values import Enrolment
from gallery.subject import DEFAULT_GALLERY, Encounter, Reference
from infra.settings import Settings
from studies.capacity.needs.figures import COUNTS, Figure, Kind
from studies.capacity.needs.measuring import COMPARATORS, made_up

COMMAND = "python -m studies.capacity --store URL"
DAY = datetime(2026, 1, 1, tzinfo=UTC)
HALF = 4000
"""Subjects enrolled before, and after, the first look."""
AT_ONCE = 64
"""Enrolments under way at a time."""

Used = Callable[[], Awaitable[int]]
"""Bytes that a database uses."""


async def enroll(store: SubjectStore, numbers: Sequence[int], counts: Mapping[Modality, int] = COUNTS) -> None:
    """Enrol subjects of these numbers, each with references of all positions that `counts` says."""
    kinds = {modality: made_up(modality) for modality in counts}

    async def enroll_one(number: int) -> None:
        references = [
            Reference(position, kinds[modality][(number + place) % len(kinds[modality])], 80.0)
            for modality, count in counts.items()
            for place, position in enumerate(_positions(modality)[:count])
        ]
        encounter = Encounter("e1", DAY, tuple(references))
        own = str(UUID(int=number))
        await store.enroll(Enrolment(own, own, own, (DEFAULT_GALLERY,), encounter, create_subject=True))

    for first in range(0, len(numbers), AT_ONCE):
        await asyncio.gather(*map(enroll_one, numbers[first : first + AT_ONCE]))


async def index_bytes(store: SubjectStore, modality: Modality) -> int:
    """Bytes of memory that an index of the store keeps."""
    comparator = COMPARATORS[modality]()
    comparator.stack(made_up(modality)[:2])
    gc.collect()
    tracemalloc.start()
    index = ExactIndex(store, comparator)
    await index.start()
    gc.collect()
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    await index.close()
    return kept


async def snapshot_bytes(store: PartitionedStore, modality: Modality) -> int:
    """Bytes of the snapshots of all partitions."""
    with TemporaryDirectory() as folder:
        partitions = range(await store.partition_count())
        made = [await make_snapshot(store, Directory(Path(folder)), each, modality) for each in partitions]
    return sum(each.size for each in made if each)


async def measured_store(url: str, half: int = HALF) -> dict[str, Figure]:
    """The figures of one store, which must be empty: of its database, the indexes and the snapshots.

    Args:
        url: as in `open_store`.
        half: half of the number of subjects that are enrolled.
    """
    store, is_file = open_store(url, StoreOptions.of(Settings.from_environment())), urlsplit(url).scheme == "sqlite"
    used = _file_bytes(url) if is_file else _redis_bytes(url)
    try:
        await enroll(store, range(half))
        before = await _kept(store, used)
        await enroll(store, range(half, 2 * half))
        after = await _kept(store, used)
    finally:
        await store.close()
    grown = {name: (after[name] - before[name]) / half for name in after}
    name, where = ("sqlite_bytes", "a SQLite file") if is_file else ("redis_bytes", "the memory of Redis")
    found = {name: Figure(round(grown["store"]), "B", f"subject in {where}", Kind.MEASURED, COMMAND)}
    for modality, count in COUNTS.items():
        own = modality.lower()
        found |= {
            f"index_bytes.{modality}": Figure(
                round(grown[f"index {own}"] / count), "B", f"index, for each reference, {own}", Kind.MEASURED, COMMAND
            ),
            f"snapshot_bytes.{modality}": Figure(
                round(grown[f"snapshot {own}"]), "B", f"snapshot, for each subject, {own}", Kind.MEASURED, COMMAND
            ),
        }
    return found


async def _kept(store: PartitionedStore, used: Used) -> dict[str, int]:
    kept = {"store": await used()}
    for modality in COUNTS:
        kept[f"index {modality.lower()}"] = await index_bytes(store, modality)
        kept[f"snapshot {modality.lower()}"] = await snapshot_bytes(store, modality)
    return kept


def _positions(modality: Modality) -> list[Position]:
    return [each for each in POSITIONS[modality] if each is not Position.UNKNOWN]


def _file_bytes(url: str) -> Used:
    """Bytes of the pages of a SQLite store, those that are still in its write-ahead log too, and of its key table."""
    path = Path(unquote(urlsplit(url).path)[1:])

    async def used() -> int:
        with closing(connect(path)) as connection:
            pages, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
        return int(pages * size) + path.with_name(f"{path.name}.keys").stat().st_size

    return used


def _redis_bytes(url: str) -> Used:
    async def used() -> int:
        from redis.asyncio import Redis  # noqa: PLC0415  # an optional package

        async with Redis.from_url(url) as client:
            return int((await client.info("memory"))["used_memory"])

    return used
