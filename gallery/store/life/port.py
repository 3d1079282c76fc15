"""The part of the SubjectStore port (../port.py) that changes what is enrolled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gallery.store.life.values import Expiring, GallerySize, Move
from gallery.store.values import Receipt
from gallery.subject import Encounter, EncounterState


class LifeCycle(Protocol):
    """Changes of encounters, subjects, galleries and aliases.

    Every write is atomic, in the change feed (but for aliases), and idempotent under its request id: the repetition
    of a request has the receipt of the first, and one with another digest raises RequestIdReused. Every write of a
    subject raises SubjectNotFound if there is no such subject.

    Templates that a write removes are unreadable before it returns, wherever they were copied to: the subject gets a
    new key, and the old one is destroyed (0043). Such a write opens all references of the subject, and raises
    RecordUnreadable if it cannot.
    """

    async def replace_encounter(
        self,
        subject_id: str,
        encounter: Encounter,
        request_id: str,
        digest: str,
        *,
        expected: Encounter | None = None,
    ) -> Receipt:
        """Replace references and missing positions of an encounter; state and times of the given one are not used.

        It keeps its create_time, state and expire_time. Its update_time becomes that of the given encounter, or the
        create_time of the given one.

        Args:
            subject_id: the subject.
            encounter: of this id, and with the new content.
            request_id: the caller's UUID.
            digest: hash of the request's content.
            expected: replace it only if it has the references and missing positions of this one now; None: whatever
                it has.

        Raises:
            EncounterNotFound: the subject has no encounter of this id.
            EncounterChanged: it does not have what is expected any more.
            SubjectFull: it would have too many references.
        """

    async def set_encounter_state(
        self, subject_id: str, encounter_id: str, state: EncounterState, request_id: str, digest: str
    ) -> Receipt:
        """ACTIVE: the encounter's references are searched; INACTIVE: they are stored, and not searched.

        Raises:
            EncounterNotFound: the subject has no encounter of this id.
        """

    async def set_retention(
        self, subject_id: str, encounter_id: str, expire_time: datetime | None, request_id: str, digest: str
    ) -> Receipt:
        """Set when an encounter may be deleted; None: never.

        Raises:
            EncounterNotFound: the subject has no encounter of this id.
            FieldInvalid: the time has no time zone.
        """

    async def expired(self, before: datetime, limit: int, after: Expiring | None = None) -> Sequence[Expiring]:
        """Up to `limit` encounters whose expire_time is before a time, in order, after one of this order.

        Nothing is scanned. A subject that a restored backup has, and whose key is destroyed, may be named: deleting its
        encounter raises SubjectNotFound, and the caller goes on after it.
        """

    async def delete_encounter(
        self,
        subject_id: str,
        encounter_id: str,
        request_id: str,
        digest: str,
        *,
        expired_before: datetime | None = None,
    ) -> Receipt:
        """Delete an encounter; the last one erases the subject, as `delete`.

        Args:
            subject_id: the subject.
            encounter_id: the encounter.
            request_id: the caller's UUID.
            digest: hash of the request's content.
            expired_before: delete it only if its expire_time is before this time now.

        Raises:
            EncounterNotFound: the subject has no encounter of this id (and this request did not delete it before).
            PreconditionFailed: it does not expire before that time (reason NOT_EXPIRED).
        """

    async def move_encounters(self, move: Move) -> Receipt:
        """Move encounters to another subject; a source that has none left is erased.

        Nobody finds an encounter at neither subject; for a moment it can be found at both. A move that was interrupted
        is completed by the next write to the source, by `ping`, or by its repetition. The receipt names the target; its
        token has the writes of both. `before` knows the request by the source's id.

        Raises:
            FieldInvalid: source and target are the same.
            SubjectNotFound: the source does not exist, or the target does not, and should.
            SubjectExists: the target exists, and should be new.
            EncounterNotFound: the source lacks one of the encounters.
            EncounterExists: the target has an encounter of the same id.
            SubjectFull: the target would exceed the limits.
            StoreUnavailable: the target is itself being moved to the source.
        """

    async def join_galleries(self, subject_id: str, galleries: Sequence[str], request_id: str, digest: str) -> Receipt:
        """Add a subject to galleries; those that it is in already are no error.

        Raises:
            SubjectFull: it would be in too many.
        """

    async def leave_galleries(self, subject_id: str, galleries: Sequence[str], request_id: str, digest: str) -> Receipt:
        """Remove a subject from galleries; those that it is not in are no error.

        Raises:
            LastGallery: it would be in none.
        """

    async def galleries(self) -> Sequence[GallerySize]:
        """All galleries that anybody was ever enrolled in, and "default", in order, with their sizes; no aliases."""

    async def set_alias(self, alias: str, gallery: str, request_id: str, digest: str) -> Receipt:
        """Let a name stand for a gallery from now on, also if it stood for another one: an atomic switch.

        Other processes know it within 1 s.

        Raises:
            GalleryNotFound: nobody was ever enrolled in the gallery, and it is not "default".
            GalleryExists: a gallery of the alias's name has subjects.
            FieldInvalid: one of the names is no gallery id, the gallery is an alias, or an alias stands for a gallery
                of the alias's name.
        """

    async def delete_alias(self, alias: str, request_id: str, digest: str) -> Receipt:
        """Let a name stand for itself again.

        Raises:
            AliasNotFound: it is no alias (and this request did not delete it before).
        """

    async def aliases(self) -> Mapping[str, str]:
        """All aliases, in order, and the galleries they stand for."""

    async def resolve(self, gallery: str) -> str:
        """The gallery that an alias stands for, or the name itself; read at most 1 s ago. "" (all) stays "".

        `enroll`, `list`, `list_summaries`, `count`, `join_galleries`, `leave_galleries` and `move_encounters` resolve
        the galleries they are given; whoever searches an index resolves them before.
        """
