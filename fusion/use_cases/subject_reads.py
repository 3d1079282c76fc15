"""Reads subjects for many concurrent verifications: those that wait share one call to the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from biometrics.errors import RecordUnreadable, SubjectNotFound
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
        ids = list(dict.fromkeys(subject_ids))
        try:
            found: Mapping[str, Subject | RecordUnreadable] = await self._store.get_many(ids)
        except RecordUnreadable:
            found = await self._read_singly(ids)
        return [found.get(subject_id) or subject_not_found(subject_id) for subject_id in subject_ids]

    async def _read_singly(self, subject_ids: Sequence[str]) -> dict[str, Subject | RecordUnreadable]:
        """As `get_many`, with the error of each subject that cannot be read in its place: the others' callers go on."""
        found: dict[str, Subject | RecordUnreadable] = {}
        for subject_id in subject_ids:
            try:
                found |= await self._store.get_many([subject_id])
            except RecordUnreadable as error:
                found[subject_id] = error
        return found
