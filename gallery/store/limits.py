"""Limits on the stored data of one subject, so that reading a subject takes a bounded time."""

from __future__ import annotations

from biometrics.errors import SubjectFull
from gallery.store.records.heads import Head

MAX_GALLERIES = 64
"""Most galleries of one request, and of a subject."""

MAX_ENCOUNTERS = 500
"""Most encounters of a subject."""

MAX_REFERENCES = 1000
"""Most references of a subject, over all its encounters."""


def require_room(head: Head, before: Head | None) -> Head:
    """Return the subject's head if it is within the limits.

    A subject that was over a limit before the write can be read, but nothing of that kind can be added to it.

    Args:
        head: of the subject after the write.
        before: of the subject before the write, None if it is new.

    Raises:
        SubjectFull: it has too many galleries, encounters or references; the metadata says which.
    """
    now, then = _counts(head), _counts(before) if before else {}
    for what, (count, most) in now.items():
        if count > max(most, then.get(what, (0, 0))[0]):
            raise _full(head, what, count, most)
    return head


def _counts(head: Head) -> dict[str, tuple[int, int]]:
    """For each kind of data its number and its limit."""
    return {
        "galleries": (len(head.galleries), MAX_GALLERIES),
        "encounters": (head.encounter_count, MAX_ENCOUNTERS),
        "references": (head.reference_count, MAX_REFERENCES),
    }


def _full(head: Head, what: str, count: int, limit: int) -> SubjectFull:
    return SubjectFull(
        f"Subject {head.subject_id} would have {count} {what}, and {limit} is the limit. Leave some out, or "
        "enrol the person again under another id.",
        subject_id=head.subject_id,
        what=what,
        limit=str(limit),
    )
