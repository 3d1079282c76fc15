"""Reads snapshots of a store: finds out whether one may be loaded, and yields its pages."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

import msgpack  # type: ignore[import-untyped]  # no type hints of its own
import numpy as np
from numpy.typing import NDArray

from biometrics.template import Modality
from gallery.references import ReferencePage
from gallery.sealing.key_table import KeyRef
from gallery.snapshots.buffers import Buffers
from gallery.snapshots.chunks import opened
from gallery.snapshots.fault import Fault, unusable
from gallery.snapshots.folder import SnapshotFolder
from gallery.snapshots.header import Header, read_header
from gallery.snapshots.page_bytes import unpacked
from gallery.store.backend import Held, SnapshotRow
from gallery.store.subject_store import PartitionedStore

PAGES = 8
"""Pages that one step in a worker thread reads and opens, about 1 MB each."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A registered snapshot.

    Args:
        row: as it is registered.
        held: what the change feed says of its position.
    """

    row: SnapshotRow
    held: Held


class SnapshotReader:
    """Reads the snapshots that a store has registered.

    Args:
        store: the store.
        folder: where the files are.
    """

    def __init__(self, store: PartitionedStore, folder: SnapshotFolder) -> None:
        self._store, self._folder = store, folder

    async def registered(self, modality: Modality, partitions: Sequence[int]) -> dict[int, list[Candidate]]:
        """The snapshots of those partitions that have any, newest first, of which some may be unusable."""
        rows = await self._store.backend.snapshots(modality, partitions)
        found: dict[int, list[Candidate]] = {}
        for row, held in zip(rows, await self._store.backend.held([row.position for row in rows]), strict=True):
            found.setdefault(row.partition, []).append(Candidate(row, held))
        return found

    async def pages(self, candidate: Candidate, buffers: Buffers) -> AsyncIterator[ReferencePage]:
        """The pages of a snapshot. The changes after its position are not in it, or not all.

        What was yielded before an error is right, but not all.

        Args:
            candidate: the snapshot.
            buffers: memory for the pages; those of several snapshots may share it, one after the other.

        Raises:
            SnapshotUnusable: it must not be loaded, or not further; the reason is a `Fault`.
            SnapshotsUnavailable: the folder cannot be read.
            StoreUnavailable, KeyWrong, KeyUnavailable: as SubjectStore.
        """
        row = candidate.row
        _require_position(candidate)
        identity = await self._store.backend.identity()
        (key,) = await self._store.keys_of(identity).find(row.partition, [KeyRef.unpack(row.key_slot)])
        if not key:
            raise unusable(Fault.KEY_GONE, row.name)
        pages = _pages(self._folder, Header(identity.store_id, row), key, buffers)
        while some := await asyncio.to_thread(lambda: deque(islice(pages, PAGES))):
            while some:
                yield some.popleft()  # not kept here, so that its memory is used again


def _require_position(candidate: Candidate) -> None:
    if candidate.held is Held.OLDER:
        raise unusable(Fault.TOO_OLD, candidate.row.name)
    if candidate.held is Held.LOST:
        raise unusable(Fault.OTHER_EPOCH, candidate.row.name)


def _pages(folder: SnapshotFolder, header: Header, key: bytes, buffers: Buffers) -> Iterator[ReferencePage]:
    row, subjects, references = header.row, 0, 0
    with closing(folder.open(row.name)) as file:
        digest = read_header(file, header)
        for data, last in opened(file, file.size - len(header.packed), key, digest, row.name, buffers):
            try:
                if last:
                    _require_totals(data, subjects, references)
                    continue
                page = unpacked(data, row.partition)
            except (ValueError, TypeError, msgpack.exceptions.UnpackException) as error:
                raise unusable(Fault.DAMAGED, row.name) from error
            subjects += len(page.names)
            references += len(page.owners)
            del data
            yield page
            del page


def _require_totals(data: NDArray[np.uint8], subjects: int, references: int) -> None:
    if msgpack.unpackb(data)[:2] != [subjects, references]:
        raise ValueError
