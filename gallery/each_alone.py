"""Reads several subjects, of which some may not be readable."""

from __future__ import annotations

from collections.abc import Sequence

from biometrics.errors import RecordUnreadable
from gallery.store.port import SubjectStore
from gallery.subject import Subject


async def get_each(store: SubjectStore, subject_ids: Sequence[str]) -> dict[str, Subject | RecordUnreadable]:
    """Those of the subjects that exist, by id; for one that cannot be read, its error.

    Args:
        store: is asked once, and if any cannot be read once more for each.
        subject_ids: which subjects.

    Raises:
        StoreUnavailable: the store does not answer.
    """
    try:
        return {**await store.get_many(subject_ids)}
    except RecordUnreadable:
        pass
    found: dict[str, Subject | RecordUnreadable] = {}
    for subject_id in subject_ids:
        try:
            found |= await store.get_many([subject_id])
        except RecordUnreadable as error:
            found[subject_id] = error
    return found
