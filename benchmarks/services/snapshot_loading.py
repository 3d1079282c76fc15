"""Loading faces from sealed snapshots, against reading the same files and as many bytes of AES, and against the store.

`python -m benchmarks.services.snapshot_loading [FACES]` prints more: copying into columns, and into the stacks of the
face comparator, and loading from a sealed SQLite store of a twentieth of the faces.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from benchmarks.harness import Row, compare
from benchmarks.limits import read_bytes_per_s
from benchmarks.services.synthetic_store import MadeFaces, SqliteStore, fill
from biometrics.template import Modality
from gallery.references import ReferencePage
from gallery.snapshots.directory import Directory
from gallery.snapshots.loading import Load
from gallery.snapshots.page_bytes import CHUNK_BYTES
from gallery.snapshots.reading import SnapshotReader
from gallery.snapshots.writing import make_snapshot
from gallery.store.subject_store import PartitionedStore
from services.face.comparator import PairComparator

COUNT = 200_000
PARTITIONS = 64
STORED_SHARE = 20
ROUNDS = 5
PAGE = 4096

Use = Callable[[ReferencePage], object]


def measure() -> Row:
    """Both read files that were written just before, so they are in the operating system's cache."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = asyncio.run(_write(folder, COUNT))
        return compare(
            f"{COUNT:,} faces from sealed snapshots of {PARTITIONS} partitions",
            lambda: asyncio.run(_load(folder, COUNT, _nothing)),
            "reading the files, and AES of as many bytes",
            lambda: _read_and_encrypt(folder),
            (1000 * size / read_bytes_per_s(), "reading as many bytes"),
        )


def main() -> None:
    """Print the times of all ways, medians of rounds in which they take turns, and their ratios to the first."""
    count = int(sys.argv[1].replace("_", "")) if len(sys.argv) > 1 else 1_000_000
    comparator = PairComparator()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = asyncio.run(_write(folder, count))
        (folder / "few").mkdir()
        asyncio.run(_fill(folder / "few", count // STORED_SHARE))
        print(f"{count:,} faces of 1,024 bytes in {PARTITIONS} snapshots of {size:,} bytes together; {ROUNDS} rounds")
        ways: dict[str, tuple[int, Callable[[], object]]] = {
            "the files read, and AES of as many bytes": (1, lambda: _read_and_encrypt(folder)),
            "pages from the snapshots": (1, lambda: asyncio.run(_load(folder, count, _nothing))),
            "… and copied into columns": (1, lambda: asyncio.run(_load(folder, count, _Columns(count).add))),
            "… and stacked by the face comparator": (
                1,
                lambda: asyncio.run(_load(folder, count, lambda page: comparator.stack_packed(page.templates))),
            ),
            f"pages from a SQLite store of 1/{STORED_SHARE}, times {STORED_SHARE}": (
                STORED_SHARE,
                lambda: asyncio.run(_load_store(folder / "few")),
            ),
        }
        _tell(ways)


def _tell(ways: dict[str, tuple[int, Callable[[], object]]]) -> None:
    times: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(ROUNDS):
        for way, (factor, work) in ways.items():
            begin = time.perf_counter()
            work()
            times[way].append(factor * (time.perf_counter() - begin))
    first = times[next(iter(ways))]
    for way, seconds in times.items():
        ratio = median(a / b for a, b in zip(seconds, first, strict=True))
        print(f"{median(seconds):8.3f} s  {ratio:6.2f} ×  {way}")


async def _write(folder: Path, count: int) -> int:
    """Make the snapshots of a store of so many faces, and return their bytes."""
    store = MadeFaces(folder, PARTITIONS, count)
    made = [await make_snapshot(store, _snapshots(folder), each, Modality.FACE) for each in range(PARTITIONS)]
    await store.close()
    return sum(each.size for each in made if each)


async def _fill(folder: Path, count: int) -> None:
    store = SqliteStore(folder, PARTITIONS)
    await fill(store, count)
    await store.close()


async def _load(folder: Path, count: int, use: Use) -> None:
    store = MadeFaces(folder, PARTITIONS, count)
    load = Load(store, SnapshotReader(store, _snapshots(folder)), Modality.FACE, (), PAGE)
    await _use(store, load, use)
    assert len(load.from_snapshots) == PARTITIONS


async def _load_store(folder: Path) -> None:
    store = SqliteStore(folder, PARTITIONS)
    await _use(store, Load(store, None, Modality.FACE, (), PAGE), _nothing)


async def _use(store: PartitionedStore, load: Load, use: Use) -> None:
    async for page in load.pages():
        use(page)
    await store.close()


def _snapshots(folder: Path) -> Directory:
    return Directory(folder / "snapshots")


def _read_and_encrypt(folder: Path) -> None:
    """Read all files into one buffer, and encrypt it into another: AES-GCM takes as long in both directions."""
    cipher, nonce = AESGCM(bytes(32)), bytes(12)
    buffer, sealed = bytearray(CHUNK_BYTES), bytearray(CHUNK_BYTES + 16)
    for path in sorted((folder / "snapshots").iterdir()):
        with path.open("rb", buffering=0) as file:
            while read := file.readinto(buffer):
                cipher.encrypt_into(nonce, memoryview(buffer)[:read], None, memoryview(sealed)[: read + 16])


def _nothing(page: ReferencePage) -> None:
    """Use no column."""


class _Columns:
    """Columns of an index without its search: each byte is copied once."""

    def __init__(self, count: int) -> None:
        self.templates = np.empty((count, 512), np.uint8)
        self.names = np.empty((count, 16), np.uint8)
        self.positions = np.empty(count, np.int8)
        self.count = 0

    def add(self, page: ReferencePage) -> None:
        """Copy a page of subjects with one face each."""
        rows = slice(self.count, self.count + len(page.names))
        self.templates[rows] = page.templates.data.reshape(-1, 512)
        self.names[rows], self.positions[rows] = page.names, page.positions
        self.count = rows.stop


if __name__ == "__main__":
    main()
