"""Enrols and erases: each becomes one write of the backend."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from biometrics.errors import AlreadyExists, PreconditionFailed, StoreUnavailable, SubjectNotFound
from gallery.sealing.key_table import NO_KEY
from gallery.store.backend import Backend
from gallery.store.changes import Outcome, Write
from gallery.store.records import encounters
from gallery.store.records.heads import Head
from gallery.store.rows import StoreIdentity, SubjectKey
from gallery.store.rules import encounter_exists, enrolled
from gallery.store.values import START, ChangeKind, Enrolment, Receipt
from gallery.store.writing.carrying import Carrying, receipt
from gallery.store.writing.keyring import Keyring
from gallery.store.writing.made import drop_remains, erasure, expiries, sealed
from gallery.store.writing.requests import raise_if_reused, request_of
from gallery.store.writing.taken_key import TakenKey

REFUSALS = (AlreadyExists, PreconditionFailed, SubjectNotFound)
"""Errors of the rules: nothing was stored."""

STEP = 32
"""Writes that are made, in about 50 µs each, before others get their turn on the event loop."""


class Writes:
    """Enrols and erases.

    Args:
        backend: keeps the rows.
        keyring: the keys of the subjects.
        carrying: carries out the writes.
    """

    def __init__(self, backend: Backend, keyring: Keyring, carrying: Carrying) -> None:
        self._backend, self._keyring, self._carrying = backend, keyring, carrying

    async def enroll(self, enrolment: Enrolment) -> Receipt:
        """See SubjectStore. Reads nothing before if the subject must be new."""
        wanted, taken = _wanted(enrolment), TakenKey()

        async def plan(identity: StoreIdentity, key: SubjectKey, head: bytes) -> Write | None:
            return await self._enrolment(enrolment, identity, key, head, taken)

        try:
            done = await self._carrying.carry_out(wanted, plan, may_exist=not enrolment.create_subject)
        except REFUSALS:
            taken.give_back()
            raise
        if done is None or done.replayed:
            taken.give_back()
        if done is None:
            raise encounter_exists(enrolment.subject_id, enrolment.encounter.encounter_id)
        return done

    async def enroll_all(self, enrolments: Sequence[Enrolment]) -> list[Receipt | None]:
        """See SubjectStore."""
        identity, taken = await self._backend.identity(), [TakenKey() for _ in enrolments]
        plans = list[tuple[int, Write]]()
        for number, each in enumerate(enrolments):
            if number % STEP == STEP - 1:
                await asyncio.sleep(0)
            try:
                write = await self._enrolment(each, identity, identity.key(each.subject_id), b"", taken[number])
            except REFUSALS:
                continue
            if write is not None:
                plans.append((number, write))
        found = await asyncio.gather(*(self._backend.write(each) for _, each in plans), return_exceptions=True)
        receipts: list[Receipt | None] = [None] * len(enrolments)
        for (number, _), written in zip(plans, found, strict=True):
            if isinstance(written, BaseException):
                continue  # its key may be in use
            if written.outcome is Outcome.WRITTEN:
                receipts[number] = receipt(identity, _wanted(enrolments[number]), written, replayed=False)
            else:
                taken[number].give_back()
        return receipts

    async def erase(self, subject_id: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore.delete. The subject's key is destroyed before this returns, also for a repetition."""
        wanted = Receipt(request_id, digest, subject_id, "", START)

        async def plan(_: StoreIdentity, key: SubjectKey, head: bytes) -> Write:
            return erasure(request_of(request_id, digest), subject_id, key, head)

        receipt = await self._carrying.carry_out(wanted, plan, erases=True)
        if receipt is None:
            raise StoreUnavailable("The subject is being written now. Try again.")
        await self._keyring.destroy_keys([(await self._backend.identity()).key(subject_id).partition])
        return receipt

    async def check(self, enrolment: Enrolment) -> None:
        """Raise what `enroll` would raise now; changes nothing."""
        identity = await self._backend.identity()
        key = identity.key(enrolment.subject_id)
        known = await self._backend.known(key, request_of(enrolment.request_id, enrolment.digest))
        if known.position is not None:
            raise_if_reused(enrolment.request_id, enrolment.digest, known.content)
            return
        exists = await self._keyring.exists(identity, key, known.head)
        enrolled(Head.unpack(known.head) if exists else None, enrolment, NO_KEY)
        (rows,) = await self._backend.read([key], (), encounters=True)
        if exists and rows and any(each.encounter_id == enrolment.encounter.encounter_id for each in rows.encounters):
            raise encounter_exists(enrolment.subject_id, enrolment.encounter.encounter_id)

    async def _enrolment(
        self, enrolment: Enrolment, identity: StoreIdentity, key: SubjectKey, head: bytes, taken: TakenKey
    ) -> Write | None:
        if head and not await self._keyring.exists(identity, key, head):
            if not await drop_remains(self._backend, enrolment.subject_id, key, head):
                return None
            head = b""
        current = Head.unpack(head) if head else None
        enrolled(current, enrolment, NO_KEY)  # so that no key is taken for what is refused
        found = await self._keyring.of_head(identity, key, current, taken)
        if found is None:
            return None
        ref, secret = found
        new = enrolled(current, enrolment, ref)
        number = new.next_number - 1
        return Write(
            key=key,
            subject_id=enrolment.subject_id,
            request=request_of(enrolment.request_id, enrolment.digest),
            expected=head,
            head=new.packed,
            kind=ChangeKind.PUT,
            joined=tuple(sorted(set(new.galleries) - set(current.galleries if current else ()))),
            encounters=(encounters.pack(enrolment.encounter, number),),
            references=sealed(enrolment.encounter, key, number, ref, secret),
            expiries=expiries([enrolment.encounter]),
        )


def _wanted(enrolment: Enrolment) -> Receipt:
    """The receipt of an enrolment, without its token."""
    encounter_id = enrolment.encounter.encounter_id
    return Receipt(enrolment.request_id, enrolment.digest, enrolment.subject_id, encounter_id, START)
