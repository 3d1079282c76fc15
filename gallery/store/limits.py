"""Limits on the stored data of one subject, so that reading a subject takes a bounded time."""

from __future__ import annotations

from biometrics.errors import SubjectFull
from gallery.subject import Subject

MAX_GALLERIES = 64
"""Most galleries of one request, and of a subject."""

MAX_ENCOUNTERS = 500
"""Most encounters of a subject."""

MAX_REFERENCES = 1000
"""Most references of a subject, over all its encounters."""


def require_room(subject: Subject, before: Subject | None) -> Subject:
    """Return the subject if it is within the limits.

    A subject that was over a limit before the write can be read, but nothing of that kind can be added to it.

    Args:
        subject: the subject after the write.
        before: the subject before the write, None if it is new.

    Raises:
        SubjectFull: it has too many galleries, encounters or references; the metadata says which.
    """
    now, then = _counts(subject), _counts(before) if before else {}
    for what, (count, most) in now.items():
        if count > max(most, then.get(what, (0, 0))[0]):
            raise _full(subject, what, count, most)
    return subject


def _counts(subject: Subject) -> dict[str, tuple[int, int]]:
    """For each kind of data its number and its limit."""
    references = sum(len(each.references) for each in subject.encounters)
    return {
        "galleries": (len(subject.galleries), MAX_GALLERIES),
        "encounters": (len(subject.encounters), MAX_ENCOUNTERS),
        "references": (references, MAX_REFERENCES),
    }


def _full(subject: Subject, what: str, count: int, limit: int) -> SubjectFull:
    return SubjectFull(
        f"Subject {subject.subject_id} would have {count} {what}, and {limit} is the limit. Leave some out, or "
        "enrol the person again under another id.",
        subject_id=subject.subject_id,
        what=what,
        limit=str(limit),
    )
