"""Reads subjects for many concurrent verifications: those that wait share one call to the store."""

from __future__ import annotations

from collections.abc import Sequence

from biometrics.errors import RecordUnreadable, SubjectNotFound
from gallery.each_alone import get_each
from gallery.partitions import partition_of
from gallery.store.keyed_names import subject_name
from gallery.store.port import SubjectStore
from gallery.store.rules import subject_not_found
from gallery.store.shared_reads import SharedReads
from gallery.subject import Subject


class SubjectReader:
    """Reads subjects from the store, never from a cache.

    Args:
        store: the store of enrolled subjects.
    """

    def __init__(self, store: SubjectStore) -> None:
        self._store = store
        self._together = SharedReads(self._read)

    async def get(self, subject_id: str) -> Subject:
        """Read the current state of a subject.

        Raises:
            SubjectNotFound: no such subject.
            StoreUnavailable: the store does not answer.
            RecordUnreadable: the subject's record cannot be read.
        """
        return await self._together.answer(subject_id)

    async def _read(self, subject_ids: Sequence[str]) -> list[Subject | SubjectNotFound | RecordUnreadable]:
        found = await get_each(self._store, list(dict.fromkeys(subject_ids)))
        return [found.get(subject_id) or subject_not_found(subject_id) for subject_id in subject_ids]


class GalleryReader:
    """Reads which galleries subjects are in, likewise; no encounter is read.

    Args:
        store: the store of enrolled subjects.
    """

    def __init__(self, store: SubjectStore) -> None:
        self._store = store
        self._together = SharedReads(self._read)

    async def of(self, subject_id: str) -> tuple[str, ...]:
        """The galleries of a subject; none if there is no such subject.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        return await self._together.answer(subject_id)

    async def _read(self, subject_ids: Sequence[str]) -> list[tuple[str, ...]]:
        count, key = await self._store.partition_count(), await self._store.name_key()
        names = {each: (partition_of(each, count), subject_name(key, each)) for each in subject_ids}
        found = await self._store.subjects_named(list(names.values()))
        galleries = {name: tuple(each.galleries) for name, each in found.items()}
        return [galleries.get(names[each][1], ()) for each in subject_ids]
