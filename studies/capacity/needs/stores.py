"""Measures what a database and the indexes keep of made-up subjects: `python -m studies.capacity --store URL`.

As many subjects are enrolled twice, and the difference that the second half makes is divided by their number, so that
what an empty store has does not count.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import UUID

from biometrics.template import POSITIONS, Modality, Position
from gallery.store.port import SubjectStore
from gallery.store.values import Enrolment
from gallery.subject import DEFAULT_GALLERY, Encounter, Reference
from studies.capacity.needs.figures import COUNTS, Figure, Kind
from studies.capacity.needs.measuring import COMPARATORS, made_up

COMMAND = "python -m studies.capacity --store URL"
DAY = datetime(2026, 1, 1, tzinfo=UTC)
HALF = 2000
"""Subjects enrolled before, and after, the first look."""

Used = Callable[[], Awaitable[int]]
"""Bytes that a database uses."""


async def enroll(store: SubjectStore, numbers: Sequence[int], counts: Mapping[Modality, int] = COUNTS) -> None:
    """Enrol subjects of these numbers, each with references of all positions that `counts` says."""
    kinds = {modality: made_up(modality) for modality in counts}
    for number in numbers:
        references = [
            Reference(position, kinds[modality][(number + place) % len(kinds[modality])], 80.0)
            for modality, count in counts.items()
            for place, position in enumerate(_positions(modality)[:count])
        ]
        encounter = Encounter("e1", DAY, tuple(references))
        own = str(UUID(int=number))
        await store.enroll(Enrolment(own, own, own, (DEFAULT_GALLERY,), encounter, create_subject=True))


async def stored_bytes(store: SubjectStore, used: Used, half: int = HALF) -> float:
    """Bytes that a database keeps of a subject."""
    await enroll(store, range(half))
    before = await used()
    await enroll(store, range(half, 2 * half))
    return (await used() - before) / half


async def index_bytes(store: SubjectStore, modality: Modality, references: int) -> float:
    """Bytes of memory that an index of the store keeps, for each of its references."""
    from gallery.index.exact import ExactIndex  # noqa: PLC0415  # compiles kernels

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
    return kept / references


async def measured_store(url: str, half: int = HALF) -> dict[str, Figure]:
    """The figures of one store, which must be empty: of its database, and of the indexes.

    Args:
        url: as in `open_store`.
        half: half of the number of subjects that are enrolled.
    """
    from gallery.store.open_store import open_store  # noqa: PLC0415  # opens all kinds of stores

    store, is_file = open_store(url), urlsplit(url).scheme == "sqlite"
    try:
        stored = round(await stored_bytes(store, _file_bytes(url) if is_file else _redis_bytes(url), half))
        name, where = ("sqlite_bytes", "a SQLite file") if is_file else ("redis_bytes", "the memory of Redis")
        found = {name: Figure(stored, "B", f"subject in {where}", Kind.MEASURED, COMMAND)}
        for modality, count in COUNTS.items():
            kept = round(await index_bytes(store, modality, 2 * half * count))
            what = f"memory of the index, for each reference, {modality.lower()}"
            found[f"index_bytes.{modality.value}"] = Figure(kept, "B", what, Kind.MEASURED, COMMAND)
        return found
    finally:
        await store.close()


def _positions(modality: Modality) -> list[Position]:
    return [each for each in POSITIONS[modality] if each is not Position.UNKNOWN]


def _file_bytes(url: str) -> Used:
    path = Path(unquote(urlsplit(url).path)[1:])

    async def used() -> int:
        return sum(each.stat().st_size for each in path.parent.glob(f"{path.name}*"))

    return used


def _redis_bytes(url: str) -> Used:
    async def used() -> int:
        from redis.asyncio import Redis  # noqa: PLC0415  # an optional package

        async with Redis.from_url(url) as client:
            return int((await client.info("memory"))["used_memory"])

    return used
