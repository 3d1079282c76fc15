"""Reads subjects for many verifications at a time: those that wait share one call of the store."""

from __future__ import annotations

from collections.abc import Sequence

from biometrics.errors import SubjectNotFound
from gallery.store.port import SubjectStore
from gallery.store.rules import subject_not_found
from gallery.store.shared_reads import SharedReads
from gallery.subject import Subject


class SubjectReader:
    """Reads subjects as they are when asked for.

    Args:
        store: the system of record.
    """

    def __init__(self, store: SubjectStore) -> None:
        self._store = store
        self._together = SharedReads(self._read)

    async def get(self, subject_id: str) -> Subject:
        """The subject as it is now.

        Raises:
            SubjectNotFound: no such subject.
            StoreUnavailable: the store does not answer.
        """
        return await self._together.answer(subject_id)

    async def _read(self, subject_ids: Sequence[str]) -> list[Subject | SubjectNotFound]:
        found = await self._store.get_many(list(dict.fromkeys(subject_ids)))
        return [found.get(subject_id) or subject_not_found(subject_id) for subject_id in subject_ids]
