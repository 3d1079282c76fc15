"""What a write makes of the rows of a subject in the in-memory backend."""

from __future__ import annotations

from dataclasses import replace

from gallery.store.changes import Write
from gallery.store.rows import ExpiryRow, SubjectRows


def rows_after(current: SubjectRows, write: Write) -> SubjectRows:
    """The subject's rows after a write that does not erase it; `current` is empty for one that writes anew."""
    changed, activity = {each.encounter_id: each for each in write.changed}, dict(write.activity)
    references = [replace(each, active=activity.get(each.number, each.active)) for each in current.references]
    return replace(
        current,
        head=write.head,
        encounters=(*(changed.get(each.encounter_id, each) for each in current.encounters), *write.encounters),
        references=(*references, *write.references),
    )


def expiries_after(expiries: set[ExpiryRow], write: Write) -> set[ExpiryRow]:
    """All times of expiry after a write."""
    set_now = {each.encounter_id: each.time for each in write.expiries}
    removes_all = write.anew or not write.head
    kept = {
        each
        for each in expiries
        if each.subject_id != write.subject_id or not (removes_all or each.encounter_id in set_now)
    }
    return kept | {ExpiryRow(time, write.subject_id, each) for each, time in set_now.items() if time is not None}
