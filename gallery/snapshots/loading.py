"""Loads partitions from their snapshots, and from the store where no snapshot may be loaded."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import numpy as np

from biometrics.errors import SnapshotsUnavailable, SnapshotUnusable
from biometrics.template import Modality
from gallery.references import NAME_BYTES, ReferencePage
from gallery.snapshots.fault import Fault
from gallery.snapshots.folder import SnapshotFolder
from gallery.snapshots.reading import SnapshotReader
from gallery.store.backend import SnapshotRow
from gallery.store.subject_store import PartitionedStore
from gallery.store.tokens import NOWHERE, FeedPosition, Positions
from gallery.store.values import ConsistencyToken

log = logging.getLogger(__name__)

Refusal = SnapshotUnusable | SnapshotsUnavailable


class Load:
    """One load of some partitions; used once.

    Args:
        store: the store.
        folder: where its snapshots are; None: there are none.
        modality: whose references are loaded.
        partitions: which; all, if none is named.
        page_size: subjects per page that is read from the store.

    Attributes:
        from_snapshots: the snapshots that were loaded completely.
        refused: why others were not.
    """

    def __init__(
        self,
        store: PartitionedStore,
        folder: SnapshotFolder | None,
        modality: Modality,
        partitions: Sequence[int],
        page_size: int,
    ) -> None:
        self._store, self._modality, self._partitions, self._page_size = store, modality, partitions, page_size
        self._reader = SnapshotReader(store, folder) if folder is not None else None
        self._positions = NOWHERE
        self.from_snapshots: list[SnapshotRow] = []
        self.refused: list[Refusal] = []

    @property
    def token(self) -> ConsistencyToken:
        """The positions after which the changes must be read; complete after the last page.

        A change after them may be in the pages: applying it again does no harm.
        """
        return self._positions.token

    async def pages(self) -> AsyncIterator[ReferencePage]:
        """The pages of all these partitions, one partition after the other; each subject comes once.

        A subject that could not be read when a snapshot was made is read from the store.

        Raises:
            StoreUnavailable, KeyWrong, KeyUnavailable: as SubjectStore.
        """
        identity = await self._store.backend.identity()
        self._positions = Positions(identity.adapter, identity.store_id, {})
        for partition in self._partitions or range(identity.partition_count):
            seen = _Seen()
            rows = await self._reader.registered(self._modality, partition) if self._reader else ()
            for row in rows:
                try:
                    async for page in self._from_snapshot(row):
                        yield seen.new(page)
                except (SnapshotUnusable, SnapshotsUnavailable) as error:
                    self._refuse(error)
                    seen.repeats = True
                else:
                    self.from_snapshots.append(row)
                    break
            else:
                async for page in self._from_store(partition):
                    yield seen.new(page)

    async def _from_snapshot(self, row: SnapshotRow) -> AsyncIterator[ReferencePage]:
        assert self._reader is not None
        async for page in self._reader.pages(row):
            self._follow_from(row.position)
            if not page.unreadable:
                yield page
                continue
            yield replace(page, unreadable=())
            yield await self._store.references_of(self._modality, [(row.partition, each) for each in page.unreadable])
        self._follow_from(row.position)

    async def _from_store(self, partition: int) -> AsyncIterator[ReferencePage]:
        if partition not in self._positions.of:  # else the changes since a snapshot, of which a part was yielded, count
            self._follow_from(*await self._store.backend.newest([partition]))
        async for page in self._store.references(self._modality, [partition], self._page_size):
            yield page

    def _follow_from(self, position: FeedPosition) -> None:
        if self._positions.of.get(position.partition) != position:
            self._positions = self._positions.advanced([position])

    def _refuse(self, error: Refusal) -> None:
        level = logging.INFO if error.reason == Fault.MISSING else logging.WARNING  # one that is being made
        log.log(level, "A snapshot is not loaded: %s", error.message)
        self.refused.append(error)


def load_pages(
    store: PartitionedStore,
    folder: SnapshotFolder | None,
    modality: Modality,
    partitions: Sequence[int] = (),
    page_size: int = 4096,
) -> Load:
    """A load of these partitions, of all if none is named: iterate over its `pages()`, then read its `token`."""
    return Load(store, folder, modality, partitions, page_size)


class _Seen:
    """The subjects of one partition that were yielded.

    Attributes:
        repeats: whether they may come again.
    """

    def __init__(self) -> None:
        self._names: list[bytes] = []
        self._known: set[bytes] = set()
        self.repeats = False

    def new(self, page: ReferencePage) -> ReferencePage:
        """The page without subjects that were yielded before."""
        names = page.names.tobytes()
        if not self.repeats:
            self._names.append(names)
            return page
        self._known.update(*(_split(each) for each in self._names))
        self._names = [names]
        fresh = [row for row, name in enumerate(_split(names)) if name not in self._known]
        return replace(page.of_subjects(np.array(fresh, np.int64)), unreadable=page.unreadable)


def _split(names: bytes) -> list[bytes]:
    return [names[start : start + NAME_BYTES] for start in range(0, len(names), NAME_BYTES)]
