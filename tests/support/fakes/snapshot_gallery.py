"""A small sealed store with a folder of snapshots, for tests of both."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import numpy as np

from biometrics.template import Modality
from gallery.references import ReferencePage
from gallery.snapshots.buffers import Buffers
from gallery.snapshots.folder import SnapshotFolder
from gallery.snapshots.reading import Candidate, SnapshotReader
from gallery.snapshots.writing import Made, make_snapshot
from gallery.store.backend import SnapshotRow
from gallery.store.subject_store import PartitionedStore
from tests.support.builders import enrolment, reference
from tests.support.fakes.memory_backend import MemoryBackend
from tests.support.fakes.memory_keys import MemoryKey, MemoryKeyTable

MODALITY = Modality.FINGERPRINT
Rows = dict[str, tuple[tuple[str, ...], list[bytes]]]
"""Galleries and templates by subject id."""


@dataclass
class SnapshotGallery:
    """A store of few partitions, and where its snapshots are."""

    folder: SnapshotFolder
    backend: MemoryBackend = field(default_factory=lambda: MemoryBackend(partition_count=2))
    table: MemoryKeyTable = field(default_factory=MemoryKeyTable)

    def __post_init__(self) -> None:
        self.store = self.reopened()

    def reopened(self) -> PartitionedStore:
        """The store as another process opens it: no key is cached."""
        return PartitionedStore(self.backend, self.table, MemoryKey())

    async def enroll(self, count: int, first: int = 0) -> None:
        """Enrol subjects s0, s1 …, each with its number in the template and in one gallery of three."""
        for number in range(first, first + count):
            galleries = ("default", f"g{number % 3}")
            await self.store.enroll(enrolment(f"s{number}", reference([number, 1, 2, 3]), galleries=galleries))

    async def erase(self, subject_id: str) -> None:
        """Erase a subject."""
        await self.store.delete(subject_id, str(uuid.uuid4()), "d")

    async def in_partition(self, partition: int) -> list[str]:
        """Ids of the subjects of a partition."""
        identity = await self.backend.identity()
        ids = await self.backend.ids("", 10_000, "")
        return [each for each in ids if identity.key(each).partition == partition]

    async def make(self, partition: int = 0) -> Made:
        """Make a snapshot with two subjects in each chunk."""
        made = await make_snapshot(self.store, self.folder, partition, MODALITY, page_size=2, clock=lambda: 0.0)
        assert made is not None
        return made

    async def read(self, row: SnapshotRow, store: PartitionedStore | None = None) -> Rows:
        """Content of a snapshot."""
        return content([page async for page in self.pages(row, store)])

    async def pages(self, row: SnapshotRow, store: PartitionedStore | None = None) -> AsyncIterator[ReferencePage]:
        """Pages of a snapshot, whether it is registered or not."""
        (held,) = await self.backend.held([row.position])
        async for page in SnapshotReader(store or self.store, self.folder).pages(Candidate(row, held), Buffers()):
            yield page

    async def stored(self, partition: int = 0) -> Rows:
        """What the store has of a partition."""
        return content([page async for page in self.store.references(MODALITY, [partition], 100)])


def content(pages: list[ReferencePage]) -> Rows:
    """Galleries and templates of the pages by subject id; no subject may come twice."""
    rows: Rows = {}
    for page in pages:
        templates = list(page.templates)
        for row, (subject_id, galleries) in enumerate(zip(page.subject_ids, page.galleries, strict=True)):
            assert subject_id not in rows
            own = [templates[each] for each in np.flatnonzero(page.owners == row)]
            rows[subject_id] = (galleries, own)
    return rows
