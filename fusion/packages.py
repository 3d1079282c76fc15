"""placeholder."""

from __future__ import annotations

from gallery.subject import Subject


def seal_subject(subject: Subject, recipient_public_key: str) -> bytes:
    """Seal."""
    raise NotImplementedError(subject.subject_id + recipient_public_key)
