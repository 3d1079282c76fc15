"""Makes a snapshot of one partition and modality.

It is registered in the store before its first byte is written. So an erasure in the partition meanwhile removes it from
the register and destroys its key, as of a snapshot that is complete, and no copy of an unfinished file stays readable.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import msgpack  # type: ignore[import-untyped]  # no type hints of its own

from biometrics.errors import BiofusionError
from biometrics.template import Modality
from gallery.references import ReferencePage
from gallery.snapshots.chunks import Sealer
from gallery.snapshots.folder import Part, SnapshotFolder
from gallery.snapshots.header import Header, digest_of
from gallery.snapshots.names import new_name, prefix_of
from gallery.snapshots.page_bytes import packed, pieces
from gallery.store.backend import SnapshotRow
from gallery.store.subject_store import PartitionedStore

KEPT = 2
"""Snapshots kept of each partition and modality."""
PAGE_SIZE = 4096
"""Subjects read at once: with their references they must fit in memory."""


@dataclass(frozen=True, slots=True)
class Made:
    """A snapshot that was made.

    Args:
        row: as it is registered.
        subjects: number of subjects in it.
        references: number of references in it.
        unreadable: number of subjects that the store could not read.
        size: bytes of the file.
    """

    row: SnapshotRow
    subjects: int
    references: int
    unreadable: int
    size: int


async def make_snapshot(
    store: PartitionedStore,
    folder: SnapshotFolder,
    partition: int,
    modality: Modality,
    *,
    page_size: int = PAGE_SIZE,
    clock: Callable[[], float] = time.time,
) -> Made | None:
    """Make a snapshot, and remove those that are not kept any more, and what interrupted runs have left.

    Another run for the same partition and modality that is under way is given up.

    Args:
        store: the store.
        folder: where the file is written.
        partition: whose subjects.
        modality: whose references.
        page_size: subjects read at once.
        clock: the time, in seconds since 1970, which is noted in the register.

    Returns:
        The snapshot; None if a subject of the partition was erased meanwhile, or another run began.

    Raises:
        SnapshotsUnavailable: the folder cannot be written.
        StoreUnavailable, KeyWrong, KeyUnavailable: as SubjectStore.
    """
    await tidy(store, folder, partition, modality, kept=KEPT, unfinished=True)
    identity = await store.backend.identity()
    (position,) = await store.backend.newest([partition])
    keys = store.keys_of(identity)
    ref, key = await keys.take(partition)
    name = new_name(identity.store_id, partition, modality)
    row = SnapshotRow(partition, modality, name, ref.packed, position, begun_details(clock()))
    if not await store.backend.put_snapshot(row):
        keys.give_back(partition, ref, key)
        return None
    part = None
    try:
        header = Header(identity.store_id, row).packed
        part = await asyncio.to_thread(folder.begin, name)
        made = await _write(_File(part, header, Sealer(key, digest_of(header))), store, row, page_size)
        if not await _is_registered(store, row):
            await asyncio.to_thread(part.discard)
            return None
        await asyncio.to_thread(part.publish)
    except BaseException:
        await asyncio.shield(_give_up(store, row, part))
        raise
    if not await _is_registered(store, row):
        await asyncio.to_thread(folder.delete, name)
        return None
    await tidy(store, folder, partition, modality, kept=KEPT)
    return made


async def tidy(
    store: PartitionedStore,
    folder: SnapshotFolder,
    partition: int,
    modality: Modality,
    *,
    kept: int,
    unfinished: bool = False,
) -> None:
    """Remove all but the newest snapshots of a partition and modality, and files that are not registered.

    Args:
        store: the store.
        folder: where the files are.
        partition: whose snapshots.
        modality: of the snapshots.
        kept: how many complete ones stay.
        unfinished: whether those that were begun and are not complete are given up too.

    Raises:
        SnapshotsUnavailable: the folder cannot be used.
        StoreUnavailable: the store does not answer.
    """
    prefix = prefix_of((await store.backend.identity()).store_id, partition, modality)
    rows = await store.backend.snapshots(modality, [partition])
    files = await asyncio.to_thread(folder.names, prefix)
    complete = [row for row in rows if row.name in files]
    dropped = list(complete[kept:])
    if unfinished:
        dropped += [row for row in rows if row not in complete]
    for row in dropped:
        await store.backend.drop_snapshot(row)
    await store.destroy_keys()
    names = {row.name for row in await store.backend.snapshots(modality, [partition])}
    await asyncio.to_thread(_remove, folder, [each for each in files if each not in names])
    if unfinished:
        await asyncio.to_thread(folder.discard_parts, prefix)


def begun_details(begun: float) -> bytes:
    """`SnapshotRow.details` of a snapshot begun at this time, in seconds since 1970."""
    details: bytes = msgpack.packb([begun])
    return details


def begun_at(row: SnapshotRow) -> float:
    """When a snapshot was begun, in seconds since 1970."""
    (begun,) = msgpack.unpackb(row.details)
    return float(begun)


class _File:
    """A file that is being written.

    Args:
        part: where it is written.
        header: its first bytes.
        sealer: seals its chunks.
    """

    def __init__(self, part: Part, header: bytes, sealer: Sealer) -> None:
        self._part, self._sealer = part, sealer
        self._part.write(header)
        self.size, self.subjects, self.references, self.unreadable = len(header), 0, 0, 0

    def add(self, page: ReferencePage) -> None:
        """Append the chunks of a page."""
        for piece in pieces(page):
            self._put(packed(piece), last=False)
        self.subjects += len(page.names)
        self.references += len(page.owners)
        self.unreadable += len(page.unreadable)

    def end(self) -> None:
        """Append the last chunk: `[subjects, references, unreadable subjects]`."""
        self._put(msgpack.packb([self.subjects, self.references, self.unreadable]), last=True)

    def _put(self, clear: bytes, *, last: bool) -> None:
        sealed = self._sealer.sealed(clear, last=last)
        self._part.write(sealed)
        self.size += len(sealed)


async def _write(file: _File, store: PartitionedStore, row: SnapshotRow, page_size: int) -> Made:
    async for page in store.references(row.modality, [row.partition], page_size):
        await asyncio.to_thread(file.add, page)
    await asyncio.to_thread(file.end)
    return Made(row, file.subjects, file.references, file.unreadable, file.size)


async def _is_registered(store: PartitionedStore, row: SnapshotRow) -> bool:
    return row in await store.backend.snapshots(row.modality, [row.partition])


async def _give_up(store: PartitionedStore, row: SnapshotRow, part: Part | None) -> None:
    """Remove what a run has left that failed; what this cannot remove, the next run does."""
    with suppress(BiofusionError):
        if part is not None:
            await asyncio.to_thread(part.discard)
    with suppress(BiofusionError):
        await store.backend.drop_snapshot(row)
        await store.destroy_keys()


def _remove(folder: SnapshotFolder, names: Sequence[str]) -> None:
    for name in names:
        folder.delete(name)
