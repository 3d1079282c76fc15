"""Stores of synthetic faces for benchmarks of loading."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.face.synthetic_faces import equal_halves
from biometrics.packed_templates import PackedTemplates
from biometrics.template import Modality, Position
from gallery.columns_of_text import GalleryColumn, TextColumn
from gallery.references import POSITION_ORDER, ReferencePage
from gallery.sealing.key_file import KeyFile
from gallery.sealing.key_table_file import KeyTableFile
from gallery.store.sqlite.backend import SqliteBackend
from gallery.store.subject_store import PartitionedStore
from gallery.store.values import Enrolment
from gallery.subject import DEFAULT_GALLERY, Encounter, Reference
from services.face.template.features import PAIR_MODEL_ID, Embeddings, pack

SIZE = 1024
AT_ONCE = 1000


class SqliteStore(PartitionedStore):
    """A sealed SQLite store, which makes its keys if there are none.

    Args:
        folder: of its files.
        partitions: number of partitions.
    """

    def __init__(self, folder: Path, partitions: int) -> None:
        backend = SqliteBackend(folder / "store.db", partition_count=partitions)
        super().__init__(backend, KeyTableFile(folder / "store.keys"), KeyFile(folder / "key.json", may_make=True))


class MadeFaces(SqliteStore):
    """A store without subjects, whose pages are made of random faces when they are asked for.

    Args:
        folder: of the files of snapshots' register and keys.
        partitions: number of partitions, which divides the count.
        count: number of subjects, in equal parts in the partitions.
    """

    def __init__(self, folder: Path, partitions: int, count: int) -> None:
        super().__init__(folder, partitions)
        self._each = count // partitions

    async def references(
        self,
        modality: Modality,  # noqa: ARG002  # faces only
        partitions: Sequence[int],
        page_size: int,
    ) -> AsyncIterator[ReferencePage]:
        """See SubjectStore."""
        for partition in partitions:
            for first in range(0, self._each, page_size):
                yield _page(partition, first, min(page_size, self._each - first))


async def fill(store: PartitionedStore, count: int) -> None:
    """Enrol so many subjects with one random face each."""
    for first in range(0, count, AT_ONCE):
        vectors = _vectors(np.random.default_rng(first), min(AT_ONCE, count - first))
        await asyncio.gather(
            *(store.enroll(_enrolment(f"subject-{first + row:015}", vector)) for row, vector in enumerate(vectors))
        )


def _enrolment(subject_id: str, vector: Embeddings) -> Enrolment:
    encounter = Encounter("e", datetime(2026, 1, 1, tzinfo=UTC), (Reference(Position.FACE, pack(vector), 90.0),))
    return Enrolment(str(uuid.uuid4()), "d", subject_id, (DEFAULT_GALLERY,), encounter, create_subject=True)


def _vectors(random: np.random.Generator, count: int) -> Embeddings:
    return equal_halves(random.standard_normal((count, SIZE // 4), np.float32))


def _page(partition: int, first: int, count: int) -> ReferencePage:
    random = np.random.default_rng([partition, first])
    return ReferencePage(
        partitions=np.full(count, partition, np.int32),
        names=random.integers(0, 256, (count, 16), np.uint8),
        subject_ids=TextColumn.of([f"subject-{partition:04}-{first + row:010}" for row in range(count)]),
        galleries=GalleryColumn([(DEFAULT_GALLERY,)], np.zeros(count, np.int32)),
        owners=np.arange(count, dtype=np.int32),
        positions=np.full(count, POSITION_ORDER[Position.FACE], np.int8),
        model_ids=[PAIR_MODEL_ID],
        models=np.zeros(count, np.int16),
        templates=PackedTemplates(
            _vectors(random, count).view(np.uint8).reshape(-1), SIZE * np.arange(count + 1, dtype=np.int64)
        ),
    )
