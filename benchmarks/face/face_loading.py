"""Loading an index of 50,000 faces from a sealed SQLite store, against only reading the store."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks.harness import Row, compare
from benchmarks.limits import read_bytes_per_s
from benchmarks.services.synthetic_store import SqliteStore, fill
from biometrics.template import Modality
from gallery.index.exact import ExactIndex
from gallery.store.subject_store import PartitionedStore
from gallery.subject import DEFAULT_GALLERY
from services.face.comparator import SEGMENT_ROWS, PairComparator

COUNT, PAGE, PARTITIONS = 50_000, 4096, 64


def measure() -> Row:
    """Both read and open the same pages; each subject has one encounter with one face."""
    comparator = PairComparator()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        asyncio.run(_with(folder, lambda store: fill(store, COUNT)))
        return compare(
            f"{COUNT:,} faces from a SQLite store into an index",
            lambda: asyncio.run(_with(folder, lambda store: _load(store, comparator))),
            "the store read alone",
            lambda: asyncio.run(_with(folder, _read)),
            (1000 * (folder / "store.db").stat().st_size / read_bytes_per_s(), "reading as many bytes as the file has"),
        )


async def _with(folder: Path, work: Callable[[PartitionedStore], Awaitable[None]]) -> None:
    store = SqliteStore(folder, PARTITIONS)
    await work(store)
    await store.close()


async def _load(store: PartitionedStore, comparator: PairComparator) -> None:
    index = ExactIndex(store, comparator, page_size=PAGE, segment_size=SEGMENT_ROWS)
    await index.start()
    assert index.count(DEFAULT_GALLERY) == COUNT
    await index.close()


async def _read(store: PartitionedStore) -> None:
    async for _ in store.references(Modality.FACE, (), PAGE):
        pass
