"""Changes of one encounter: replaced, hidden from searches, given a time of expiry, deleted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from biometrics.errors import EncounterChanged, FieldInvalid, PreconditionFailed, StoreUnavailable
from biometrics.template import Modality
from gallery.store.backend import Backend
from gallery.store.changes import Expiry, Write
from gallery.store.limits import require_room
from gallery.store.records import encounters
from gallery.store.rows import StoreIdentity, SubjectKey
from gallery.store.values import START, ChangeKind, Receipt
from gallery.store.writing.carrying import Carrying, Plan
from gallery.store.writing.keyring import Keyring
from gallery.store.writing.made import erasure, head_with, rewriting
from gallery.store.writing.present import MODALITIES, Present, present
from gallery.store.writing.requests import request_of
from gallery.store.writing.taken_key import TakenKey
from gallery.subject import Encounter, EncounterState

Make = Callable[[Present], Write]
"""What the subject has → the write."""


class Encounters:
    """Changes encounters.

    Args:
        backend: keeps the rows.
        keyring: the keys of the subjects.
        carrying: carries out the writes.
    """

    def __init__(self, backend: Backend, keyring: Keyring, carrying: Carrying) -> None:
        self._backend, self._keyring, self._carrying = backend, keyring, carrying

    async def replace(
        self, subject_id: str, encounter: Encounter, request_id: str, digest: str, expected: Encounter | None
    ) -> Receipt:
        """See LifeCycle.replace_encounter."""

        def kept(now: Present) -> list[Encounter]:
            now.encounter_row(encounter.encounter_id)
            return [replaced(each, encounter, expected) for each in now.subject.encounters]

        return await self._rewritten(Receipt(request_id, digest, subject_id, encounter.encounter_id, START), kept)

    async def delete(
        self, subject_id: str, encounter_id: str, request_id: str, digest: str, expired_before: datetime | None
    ) -> Receipt:
        """See LifeCycle.delete_encounter."""

        def kept(now: Present) -> list[Encounter]:
            row = now.encounter_row(encounter_id)
            if expired_before is not None:
                _require_expired(encounters.summary(row).expire_time, expired_before)
            if len(now.rows.encounters) == 1:
                return []
            return [each for each in now.subject.encounters if each.encounter_id != encounter_id]

        return await self._rewritten(Receipt(request_id, digest, subject_id, encounter_id, START), kept)

    async def set_state(
        self, subject_id: str, encounter_id: str, state: EncounterState, request_id: str, digest: str
    ) -> Receipt:
        """See LifeCycle.set_encounter_state."""
        wanted = Receipt(request_id, digest, subject_id, encounter_id, START)

        def make(now: Present) -> Write:
            row = now.encounter_row(encounter_id)
            write = _keeping(wanted, now)
            active = state is EncounterState.ACTIVE
            return replace(write, changed=[encounters.with_state(row, state)], activity=[(row.number, active)])

        return await self._carried_out(wanted, make)

    async def set_retention(
        self, subject_id: str, encounter_id: str, expire_time: datetime | None, request_id: str, digest: str
    ) -> Receipt:
        """See LifeCycle.set_retention."""
        if expire_time is not None and expire_time.tzinfo is None:
            raise FieldInvalid("expire_time", "The time needs a time zone.")
        wanted = Receipt(request_id, digest, subject_id, encounter_id, START)

        def make(now: Present) -> Write:
            row = encounters.with_expiry(now.encounter_row(encounter_id), expire_time)
            expiry = Expiry(encounter_id, encounters.micros(expire_time))
            return replace(_keeping(wanted, now), changed=[row], expiries=[expiry])

        return await self._carried_out(wanted, make)

    async def _carried_out(self, wanted: Receipt, make: Make) -> Receipt:
        async def plan(identity: StoreIdentity, key: SubjectKey, head: bytes) -> Write | None:
            now = await self._present(wanted, identity, key, head, ())
            return None if now is None else make(now)

        return await self._done(wanted, plan)

    async def _rewritten(self, wanted: Receipt, kept: Callable[[Present], list[Encounter]]) -> Receipt:
        """Leave the subject some encounters only, under a new key; erase it if none is left; destroy the old key."""
        taken, request = TakenKey(), request_of(wanted.request_id, wanted.digest)

        async def plan(identity: StoreIdentity, key: SubjectKey, head: bytes) -> Write | None:
            now = await self._present(wanted, identity, key, head, MODALITIES)
            if now is None:
                return None
            left = kept(now)
            if not left:
                return erasure(request, wanted.subject_id, key, head)
            require_room(head_with(now.head, left, now.head.key_ref), now.head)
            ref, secret = await taken.of(self._keyring.of(identity), key.partition)
            return rewriting(request, now.rows, left, ref, secret)

        receipt = await self._done(wanted, plan)
        await self._keyring.destroy_keys([(await self._backend.identity()).key(wanted.subject_id).partition])
        return receipt

    async def _present(
        self, wanted: Receipt, identity: StoreIdentity, key: SubjectKey, head: bytes, modalities: Sequence[Modality]
    ) -> Present | None:
        return await present(self._backend, self._keyring, (identity, key), wanted.subject_id, head, modalities)

    async def _done(self, wanted: Receipt, plan: Plan) -> Receipt:
        receipt = await self._carrying.carry_out(wanted, plan)
        if receipt is None:
            raise StoreUnavailable("The subject is being written now. Try again.")
        return receipt


def replaced(old: Encounter, new: Encounter, expected: Encounter | None = None) -> Encounter:
    """The encounter with the content of the new one, if it has its id; else as it is.

    Raises:
        EncounterChanged: it has that id, and not the content that is expected.
    """
    if old.encounter_id != new.encounter_id:
        return old
    if expected is not None and (old.references, old.missing) != (expected.references, expected.missing):
        raise EncounterChanged(f"Encounter {old.encounter_id} was changed meanwhile. Read it, and decide anew.")
    update_time = new.update_time or new.create_time
    return replace(old, references=new.references, missing=new.missing, update_time=update_time)


def _keeping(wanted: Receipt, now: Present) -> Write:
    """A write that changes nothing of a subject."""
    return Write(
        key=now.rows.key,
        subject_id=now.rows.subject_id,
        request=request_of(wanted.request_id, wanted.digest),
        expected=now.rows.head,
        head=now.rows.head,
        kind=ChangeKind.PUT,
    )


def _require_expired(expire_time: datetime | None, before: datetime) -> None:
    if expire_time is None or expire_time >= before:
        raise PreconditionFailed(
            "The encounter does not expire before this time any more. Leave it where it is.", reason="NOT_EXPIRED"
        )
