"""Loads partitions from their snapshots, and from the store where no snapshot may be loaded."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import numpy as np

from biometrics.errors import SnapshotsUnavailable, SnapshotUnusable
from biometrics.template import Modality
from gallery.references import NAME_BYTES, ReferencePage
from gallery.snapshots.buffers import Buffers
from gallery.snapshots.fault import Fault
from gallery.snapshots.reading import Candidate, SnapshotReader
from gallery.store.backend import SnapshotRow
from gallery.store.port import SubjectStore
from gallery.store.tokens import NOWHERE, FeedPosition, Positions, parse
from gallery.store.values import ConsistencyToken

log = logging.getLogger(__name__)

Refusal = SnapshotUnusable | SnapshotsUnavailable


class Load:
    """One load of some partitions; used once.

    Args:
        store: the store.
        reader: reads its snapshots; None: they are not used.
        modality: whose references are loaded.
        partitions: which; all, if none is named.
        page_size: subjects per page that is read from the store.

    Attributes:
        from_snapshots: the snapshots that were loaded completely.
        refused: why others were not.
    """

    def __init__(
        self,
        store: SubjectStore,
        reader: SnapshotReader | None,
        modality: Modality,
        partitions: Sequence[int],
        page_size: int,
    ) -> None:
        self._store, self._reader, self._modality = store, reader, modality
        self._partitions, self._page_size = partitions, page_size
        self._positions, self._buffers = NOWHERE, Buffers()
        self.from_snapshots: list[SnapshotRow] = []
        self.refused: list[Refusal] = []

    @property
    def token(self) -> ConsistencyToken:
        """The positions after which the changes must be read; complete after the last page.

        A change after them may be in the pages: applying it again does no harm.
        """
        return self._positions.token

    async def pages(self) -> AsyncIterator[ReferencePage]:
        """The pages of all these partitions, those with a snapshot first; each subject comes once.

        A subject that could not be read when a snapshot was made is read from the store. At the end the log says how
        many partitions were loaded from snapshots.

        Raises:
            StoreUnavailable, KeyWrong, KeyUnavailable: as SubjectStore.
        """
        begin = time.monotonic()
        partitions = self._partitions or range(await self._store.partition_count())
        self._positions = _parsed(await self._store.origin())
        found = await self._reader.registered(self._modality, partitions) if self._reader else {}
        seen, left = _Seen(), []
        for partition in partitions:
            async for page in self._from_snapshots(found.get(partition, ()), seen):
                yield page
            if not (self.from_snapshots and self.from_snapshots[-1].partition == partition):
                left.append(partition)
        async for page in self._from_store(left):
            yield seen.fresh(page)
        whole, of_all, seconds = len(self.from_snapshots), len(partitions), time.monotonic() - begin
        log.info("%s: read, %d of %d partitions from snapshots, %.1f s", self._modality.value, whole, of_all, seconds)

    async def _from_snapshots(self, found: Sequence[Candidate], seen: _Seen) -> AsyncIterator[ReferencePage]:
        """The pages of the first snapshot that can be read to its end, and before what others yielded."""
        for candidate in found:
            try:
                async for page in self._from_snapshot(candidate):
                    yield seen.new(page)
            except (SnapshotUnusable, SnapshotsUnavailable) as error:
                level = logging.INFO if error.reason == Fault.MISSING else logging.WARNING  # one that is being made
                log.log(level, "A snapshot is not loaded: %s", error.message)
                self.refused.append(error)
                seen.broken()
            else:
                self.from_snapshots.append(candidate.row)
                break
        seen.end()

    async def _from_snapshot(self, candidate: Candidate) -> AsyncIterator[ReferencePage]:
        assert self._reader is not None
        row = candidate.row
        async for page in self._reader.pages(candidate, self._buffers):
            self._follow_from(row.position)
            if not page.unreadable:
                yield page
                continue
            yield replace(page, unreadable=())
            yield await self._store.references_of(self._modality, [(row.partition, each) for each in page.unreadable])
        self._follow_from(row.position)

    async def _from_store(self, partitions: Sequence[int]) -> AsyncIterator[ReferencePage]:
        if not partitions:
            return
        for position in _parsed(await self._store.position(partitions)).of.values():
            if position.partition not in self._positions.of:  # else since a snapshot that yielded a part
                self._follow_from(position)
        async for page in self._store.references(self._modality, partitions, self._page_size):
            yield page

    def _follow_from(self, position: FeedPosition) -> None:
        if self._positions.of.get(position.partition) != position:
            self._positions = self._positions.advanced([position])


def _parsed(token: ConsistencyToken) -> Positions:
    return parse(token, token.partition(".")[0])


class _Seen:
    """The subjects that came from snapshots that broke off, so that they do not come again."""

    def __init__(self) -> None:
        self._names: list[bytes] = []
        self._known: set[bytes] = set()

    def new(self, page: ReferencePage) -> ReferencePage:
        """The page without subjects that came before; those of the page are remembered."""
        self._names.append(page.names.tobytes())
        return self.fresh(page)

    def fresh(self, page: ReferencePage) -> ReferencePage:
        """The page without subjects that came before."""
        if not self._known:
            return page
        fresh = [row for row, name in enumerate(_split(page.names.tobytes())) if name not in self._known]
        return replace(page.of_subjects(np.array(fresh, np.int64)), unreadable=page.unreadable)

    def broken(self) -> None:
        """What came of this snapshot may come again."""
        self._known.update(*(_split(each) for each in self._names))
        self._names.clear()

    def end(self) -> None:
        """What came of this partition and was not broken off does not come again."""
        self._names.clear()


def _split(names: bytes) -> list[bytes]:
    return [names[start : start + NAME_BYTES] for start in range(0, len(names), NAME_BYTES)]
