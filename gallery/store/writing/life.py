"""All writes of subjects, and aliases, over a backend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from gallery.store.backend import Backend
from gallery.store.feeds.feed import Feed
from gallery.store.life.values import Expiring, GallerySize, Move
from gallery.store.records.encounters import micros, moment
from gallery.store.rows import ExpiryRow
from gallery.store.values import Enrolment, Receipt
from gallery.store.writing.aliases import Aliases
from gallery.store.writing.carrying import Carrying
from gallery.store.writing.encounters import Encounters
from gallery.store.writing.galleries import Galleries
from gallery.store.writing.keyring import Keyring, KeysOf
from gallery.store.writing.moving.arriving import Arriving
from gallery.store.writing.moving.finishing import Finishing
from gallery.store.writing.moving.moves import Moves
from gallery.store.writing.writes import Writes
from gallery.subject import Encounter, EncounterState


class LifeOfSubjects:
    """The writes of a SubjectStore, without fusion models.

    Args:
        backend: keeps the bytes.
        keys_of: the keys of the subjects of a store.
    """

    def __init__(self, backend: Backend, keys_of: KeysOf) -> None:
        self._feed, self._aliases, self._expiring = Feed(backend), Aliases(backend), backend.expiring
        self._keyring = keyring = Keyring(backend, keys_of)
        arriving = Arriving(backend, keyring)
        self._finishing = Finishing(backend, keyring, arriving)
        carrying = Carrying(backend, self._finishing)
        self._writes = Writes(backend, keyring, carrying)
        self._encounters = Encounters(backend, keyring, carrying)
        self._galleries = Galleries(backend, keyring, carrying)
        self._moves = Moves(backend, keyring, arriving, self._finishing)

    async def destroy_keys(self) -> None:
        """Destroy the keys of what was erased: subjects, and snapshots that held them or were dropped."""
        await self._keyring.destroy_keys()

    async def finish(self) -> None:
        """Complete what other processes have left: moves of encounters, and the destruction of keys."""
        await self._finishing.finish_all()
        await self.destroy_keys()

    async def enroll(self, enrolment: Enrolment) -> Receipt:
        """See SubjectStore."""
        return self._told(await self._writes.enroll(await self._resolved(enrolment)))

    async def enroll_all(self, enrolments: Sequence[Enrolment]) -> list[Receipt | None]:
        """See SubjectStore."""
        receipts = await self._writes.enroll_all([await self._resolved(each) for each in enrolments])
        self._feed.notify()
        return receipts

    async def check_enrolment(self, enrolment: Enrolment) -> None:
        """See SubjectStore."""
        await self._writes.check(await self._resolved(enrolment))

    async def delete(self, subject_id: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore."""
        return self._told(await self._writes.erase(subject_id, request_id, digest))

    async def replace_encounter(
        self,
        subject_id: str,
        encounter: Encounter,
        request_id: str,
        digest: str,
        *,
        expected: Encounter | None = None,
    ) -> Receipt:
        """See LifeCycle."""
        return self._told(await self._encounters.replace(subject_id, encounter, request_id, digest, expected))

    async def set_encounter_state(
        self, subject_id: str, encounter_id: str, state: EncounterState, request_id: str, digest: str
    ) -> Receipt:
        """See LifeCycle."""
        return self._told(await self._encounters.set_state(subject_id, encounter_id, state, request_id, digest))

    async def set_retention(
        self, subject_id: str, encounter_id: str, expire_time: datetime | None, request_id: str, digest: str
    ) -> Receipt:
        """See LifeCycle."""
        done = await self._encounters.set_retention(subject_id, encounter_id, expire_time, request_id, digest)
        return self._told(done)

    async def expired(self, before: datetime, limit: int, after: Expiring | None = None) -> Sequence[Expiring]:
        """See LifeCycle."""
        begin = None if after is None else _row(after)
        rows = await self._expiring(micros(before), begin, limit)
        return [Expiring(moment(each.time), each.subject_id, each.encounter_id) for each in rows]

    async def delete_encounter(
        self,
        subject_id: str,
        encounter_id: str,
        request_id: str,
        digest: str,
        *,
        expired_before: datetime | None = None,
    ) -> Receipt:
        """See LifeCycle."""
        return self._told(await self._encounters.delete(subject_id, encounter_id, request_id, digest, expired_before))

    async def move_encounters(self, move: Move) -> Receipt:
        """See LifeCycle."""
        galleries = await self._aliases.resolved(move.galleries)
        return self._told(await self._moves.move(replace(move, galleries=galleries)))

    async def join_galleries(self, subject_id: str, galleries: Sequence[str], request_id: str, digest: str) -> Receipt:
        """See LifeCycle."""
        own = await self._aliases.resolved(galleries)
        return self._told(await self._galleries.join(subject_id, own, request_id, digest))

    async def leave_galleries(self, subject_id: str, galleries: Sequence[str], request_id: str, digest: str) -> Receipt:
        """See LifeCycle."""
        own = await self._aliases.resolved(galleries)
        return self._told(await self._galleries.leave(subject_id, own, request_id, digest))

    async def galleries(self) -> Sequence[GallerySize]:
        """See LifeCycle."""
        return await self._galleries.sizes()

    async def set_alias(self, alias: str, gallery: str, request_id: str, digest: str) -> Receipt:
        """See LifeCycle."""
        return await self._aliases.put(alias, gallery, request_id, digest)

    async def delete_alias(self, alias: str, request_id: str, digest: str) -> Receipt:
        """See LifeCycle."""
        return await self._aliases.delete(alias, request_id, digest)

    async def aliases(self) -> Mapping[str, str]:
        """See LifeCycle."""
        return await self._aliases.all()

    async def resolve(self, gallery: str) -> str:
        """See LifeCycle."""
        return await self._aliases.resolve(gallery)

    async def _resolved(self, enrolment: Enrolment) -> Enrolment:
        galleries = await self._aliases.resolved(enrolment.galleries)
        return enrolment if galleries == enrolment.galleries else replace(enrolment, galleries=galleries)

    def _told(self, receipt: Receipt) -> Receipt:
        """The receipt, after readers that wait for changes were told to look."""
        self._feed.notify()
        return receipt


def _row(expiring: Expiring) -> ExpiryRow:
    return ExpiryRow(micros(expiring.expire_time), expiring.subject_id, expiring.encounter_id)
