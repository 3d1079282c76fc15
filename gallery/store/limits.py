"""How much may be kept of one subject, so that no reader of it takes longer than it is given."""

from __future__ import annotations

from biometrics.errors import SubjectFull
from gallery.subject import Subject

MAX_GALLERIES = 64
"""Galleries of one request, and that a subject is in."""

MAX_ENCOUNTERS = 500
"""Encounters of a subject."""

MAX_REFERENCES = 1000
"""References of a subject, of all its encounters."""


def require_room(subject: Subject, before: Subject | None) -> Subject:
    """The subject with what was added, unless it is more than may be kept of one.

    What was stored before a limit was set stays, and is read; no more is added to it.

    Args:
        subject: with what was added.
        before: without it, None where it is new.

    Raises:
        SubjectFull: too many galleries, encounters or references; the metadata says which.
    """
    now, then = _counts(subject), _counts(before) if before else {}
    for what, (count, most) in now.items():
        if count > max(most, then.get(what, (0, 0))[0]):
            raise _full(subject, what, count, most)
    return subject


def _counts(subject: Subject) -> dict[str, tuple[int, int]]:
    """How many there are of what, and how many there may be."""
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
