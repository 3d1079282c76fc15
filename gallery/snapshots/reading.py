"""Reads snapshots of a store: finds out whether one may be loaded, and yields its pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import islice

import msgpack  # type: ignore[import-untyped]  # no type hints of its own
import numpy as np
from numpy.typing import NDArray

from biometrics.template import Modality
from gallery.references import ReferencePage
from gallery.sealing.key_table import KeyRef
from gallery.snapshots.chunks import opened
from gallery.snapshots.fault import Fault, unusable
from gallery.snapshots.folder import OpenFile, SnapshotFolder
from gallery.snapshots.header import Header, read_header
from gallery.snapshots.page_bytes import unpacked
from gallery.store.backend import Held, SnapshotRow
from gallery.store.subject_store import PartitionedStore

PAGES = 8
"""Pages that one step in a worker thread reads and opens, about 1 MB each."""


class SnapshotReader:
    """Reads the snapshots that a store has registered.

    Args:
        store: the store.
        folder: where the files are.
    """

    def __init__(self, store: PartitionedStore, folder: SnapshotFolder) -> None:
        self._store, self._folder = store, folder

    async def registered(self, modality: Modality, partitions: Sequence[int]) -> dict[int, list[SnapshotRow]]:
        """The snapshots of those partitions that have any, newest first, of which some may be unusable."""
        found: dict[int, list[SnapshotRow]] = {}
        for row in await self._store.backend.snapshots(modality, partitions):
            found.setdefault(row.partition, []).append(row)
        return found

    async def pages(self, row: SnapshotRow) -> AsyncIterator[ReferencePage]:
        """The pages of a snapshot. The changes after `row.position` are not in it, or not all.

        What was yielded before an error is right, but not all.

        Raises:
            SnapshotUnusable: it must not be loaded, or not further; the reason is a `Fault`.
            SnapshotsUnavailable: the folder cannot be read.
            StoreUnavailable, KeyWrong, KeyUnavailable: as SubjectStore.
        """
        await self._require_position(row)
        identity = await self._store.backend.identity()
        (key,) = await self._store.keys_of(identity).find(row.partition, [KeyRef.unpack(row.key_slot)])
        if not key:
            raise unusable(Fault.KEY_GONE, row.name)
        file = await asyncio.to_thread(self._folder.open, row.name)
        try:
            pages = _pages(file, Header(identity.store_id, row), key)
            while some := await asyncio.to_thread(lambda: list(islice(pages, PAGES))):
                for page in some:
                    yield page
        finally:
            file.close()

    async def _require_position(self, row: SnapshotRow) -> None:
        (held,) = await self._store.backend.held([row.position])
        if held is Held.OLDER:
            raise unusable(Fault.TOO_OLD, row.name)
        if held is Held.LOST:
            raise unusable(Fault.OTHER_EPOCH, row.name)


def _pages(file: OpenFile, header: Header, key: bytes) -> Iterator[ReferencePage]:
    row = header.row
    digest = read_header(file, header)
    subjects = references = 0
    for data, last in opened(file, file.size - len(header.packed), key, digest, row.name):
        try:
            if last:
                _require_totals(data, subjects, references)
                continue
            page = unpacked(data, row.partition)
        except (ValueError, TypeError, msgpack.exceptions.UnpackException) as error:
            raise unusable(Fault.DAMAGED, row.name) from error
        subjects += len(page.names)
        references += len(page.owners)
        yield page


def _require_totals(data: NDArray[np.uint8], subjects: int, references: int) -> None:
    if msgpack.unpackb(data)[:2] != [subjects, references]:
        raise ValueError
