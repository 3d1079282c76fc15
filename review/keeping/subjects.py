"""What reviews ask of the store about subjects: their names in it, and whether they exist."""

from __future__ import annotations

from typing import Protocol

from gallery.store.subject_store import PartitionedStore


class Subjects(Protocol):
    """Knows subjects."""

    async def name_of(self, subject_id: str) -> str:
        """32 hexadecimal digits that stand for the subject, also after its erasure."""
        ...

    async def exists(self, subject_id: str) -> bool:
        """Whether there is such a subject."""
        ...


class StoredSubjects:
    """The subjects of a store; see Subjects.

    Args:
        store: the store.
    """

    def __init__(self, store: PartitionedStore) -> None:
        self._store = store

    async def name_of(self, subject_id: str) -> str:
        """See Subjects."""
        return (await self._store.backend.identity()).key(subject_id).name.hex()

    async def exists(self, subject_id: str) -> bool:
        """See Subjects."""
        key = (await self._store.backend.identity()).key(subject_id)
        return bool(await self._store.subjects_named([(key.partition, key.name)]))
