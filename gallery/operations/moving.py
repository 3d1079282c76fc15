"""Moves subjects, fusion models and aliases into a store. If it is interrupted, begin anew: what is there is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

from biometrics.errors import FieldInvalid, GalleryExists, GalleryNotFound, RecordUnreadable, SubjectExists
from gallery.each_alone import get_each
from gallery.operations.record import pack
from gallery.operations.source import Source
from gallery.progress import Progress, silent
from gallery.store.port import SubjectStore
from gallery.store.values import Enrolment
from gallery.subject import Encounter, Subject

AT_ONCE = 64
"""Subjects written concurrently, so that they share syncs of the disk."""


@dataclass(slots=True)
class Moved:
    """Result of a move.

    Args:
        moved: subjects written now, completely or with the encounters that were missing.
        present: subjects that the target had already, equal in every field.
        models: fusion models written.
        aliases: aliases of galleries that were set now.
        different: ids of subjects that the target has with other content, or cannot read; they were left as they are.
        unreadable: ids or places of subjects that the source could not read.
        aliases_left: aliases that stand for something else in the target, or cannot be set there: it has a gallery of
            their name, or not the one they stand for.
    """

    moved: int = 0
    present: int = 0
    models: int = 0
    aliases: int = 0
    different: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    aliases_left: list[str] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether the target has all subjects and aliases of the source."""
        return not (self.different or self.unreadable or self.aliases_left)


async def move(source: Source, target: SubjectStore, progress: Progress = silent) -> Moved:
    """Move everything that the target lacks. Receipts and the change feed are not moved.

    Args:
        source: read once, in its order.
        target: the store to write to.
        progress: called with the number of subjects done, and of all (0 if unknown).

    Raises:
        StoreUnavailable: a store does not answer. Call it again: nothing is written twice.
    """
    result, total, done = Moved(), await source.count(), 0
    async for page in source.pages():
        await _move_page(page.subjects, target, result)
        result.unreadable += page.unreadable
        done += len(page.subjects) + len(page.unreadable)
        progress(done, max(total, done))
    async for model_id, text in source.models():
        await target.put_model(model_id, text, *_request("model", model_id, text.encode()))
        result.models += 1
    await _move_aliases(await source.aliases(), target, result)
    return result


async def _move_page(subjects: Sequence[Subject], target: SubjectStore, result: Moved) -> None:
    known = await get_each(target, [subject.subject_id for subject in subjects])
    waiting = []
    for subject in subjects:
        present = known.get(subject.subject_id)
        if present == subject:
            result.present += 1
        elif isinstance(present, RecordUnreadable) or (present and not _is_part(present, subject)):
            result.different.append(subject.subject_id)
        else:
            waiting.append((subject, len(present.encounters) if present else 0))
    for start in range(0, len(waiting), AT_ONCE):
        results = await asyncio.gather(
            *(_write(subject, target, had) for subject, had in waiting[start : start + AT_ONCE]), return_exceptions=True
        )
        for (subject, _), error in zip(waiting[start : start + AT_ONCE], results, strict=True):
            if isinstance(error, SubjectExists):
                result.different.append(subject.subject_id)
            elif isinstance(error, BaseException):
                raise error
            else:
                result.moved += 1


async def _move_aliases(aliases: Mapping[str, str], target: SubjectStore, result: Moved) -> None:
    known = await target.aliases()
    for alias, gallery in aliases.items():
        if alias in known:
            result.aliases_left += [alias] if known[alias] != gallery else []
            continue
        try:
            await target.set_alias(alias, gallery, *_request("alias", alias, gallery.encode()))
            result.aliases += 1
        except (FieldInvalid, GalleryExists, GalleryNotFound):
            result.aliases_left.append(alias)


async def _write(subject: Subject, target: SubjectStore, had: int) -> None:
    """Write the subject's encounters from number `had` on, one after the other."""
    for number, encounter in enumerate(subject.encounters[had:], had):
        await target.enroll(_enrolment(subject, encounter, create=number == 0))


def _enrolment(subject: Subject, encounter: Encounter, *, create: bool) -> Enrolment:
    content = pack(Subject(subject.subject_id, subject.galleries, (encounter,)))
    request_id, digest = _request(subject.subject_id, encounter.encounter_id, content)
    return Enrolment(request_id, digest, subject.subject_id, subject.galleries, encounter, create)


def _is_part(present: Subject, subject: Subject) -> bool:
    """Whether the target has the subject's first encounters, as an interrupted move leaves it."""
    count = len(present.encounters)
    return present.galleries == subject.galleries and present.encounters == subject.encounters[:count]


def _request(first: str, second: str, content: bytes) -> tuple[str, str]:
    """Request id and digest: equal for equal content, so that a repeated move repeats its requests."""
    digest = sha256(f"{first}\n{second}\n".encode() + content).hexdigest()
    return str(UUID(bytes=bytes.fromhex(digest[:32]), version=4)), digest
