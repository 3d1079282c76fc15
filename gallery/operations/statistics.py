"""Statistics of a store: subjects by gallery and partition and, if all is read, references by modality and model."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from biometrics.errors import RecordUnreadable
from biometrics.template import Modality
from gallery.progress import Progress, silent
from gallery.sealing.sealed_set import described
from gallery.store.subject_store import PartitionedStore

PAGE = 1024


@dataclass(frozen=True, slots=True)
class Statistics:
    """Statistics that take constant time.

    Args:
        adapter: kind of store.
        store_id: its random id.
        subjects: how many are enrolled.
        galleries: subjects by gallery.
        partitions: subjects by partition.
        waiting_keys: keys of erased subjects that are not destroyed yet.
    """

    adapter: str
    store_id: str
    subjects: int
    galleries: dict[str, int]
    partitions: list[int]
    waiting_keys: int


@dataclass(slots=True)
class ModelStatistics:
    """References of one modality, by model.

    Args:
        references: how many.
        data_bytes: bytes of their templates.
        stored_bytes: bytes of the sealed sets.
        unreadable: sets that cannot be read.
    """

    references: Counter[str] = field(default_factory=Counter)
    data_bytes: Counter[str] = field(default_factory=Counter)
    stored_bytes: int = 0
    unreadable: int = 0


async def statistics(store: PartitionedStore) -> Statistics:
    """Count subjects.

    Raises:
        StoreUnavailable: the store does not answer.
    """
    identity, backend = await store.backend.identity(), store.backend
    by_partition = await backend.counts("")
    galleries = {name: sum((await backend.counts(name)).values()) for name in await backend.galleries()}
    partitions = [by_partition.get(each, 0) for each in range(identity.partition_count)]
    waiting = len(await backend.key_slots())
    return Statistics(identity.adapter, identity.store_id, sum(partitions), galleries, partitions, waiting)


async def model_statistics(store: PartitionedStore, modality: Modality, progress: Progress = silent) -> ModelStatistics:
    """Count references of one modality by reading all of them; no template is opened.

    Raises:
        StoreUnavailable: the store does not answer.
    """
    result, done, total = ModelStatistics(), 0, await store.count()
    async for page in store.backend.scan(modality, range(await store.partition_count()), PAGE):
        for row in (row for rows in page for row in rows.references):
            result.stored_bytes += len(row.sealed)
            try:
                found = described(row.sealed)
            except RecordUnreadable:
                result.unreadable += 1
                continue
            for model_id, size in found:
                result.references[model_id] += 1
                result.data_bytes[model_id] += size
        done += len(page)
        progress(done, max(total, done))
    return result
