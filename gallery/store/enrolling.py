"""Writes of a store: an enrolment or an erasure becomes one write of the backend."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from biometrics.errors import StoreUnavailable
from gallery.sealing import sealed_set
from gallery.sealing.key_table import KeyRef
from gallery.sealing.sealed_set import Place
from gallery.sealing.subject_keys import SubjectKeys
from gallery.store.backend import (
    Backend,
    Known,
    Outcome,
    ReferenceRow,
    Request,
    StoreIdentity,
    SubjectKey,
    Write,
    Written,
)
from gallery.store.keyed_names import request_hash, request_name
from gallery.store.records import encounters
from gallery.store.records.heads import Head
from gallery.store.rules import encounter_exists, enrolled, request_id_reused, subject_not_found
from gallery.store.tokens import FeedPosition, Positions
from gallery.store.values import START, ChangeKind, Enrolment, Receipt
from gallery.subject import EncounterState

MAX_ATTEMPTS = 64
"""How often a write is tried if other writes change the same subject meanwhile."""

KeysOf = Callable[[StoreIdentity], SubjectKeys]
Plan = Callable[[StoreIdentity, SubjectKey, bytes], Awaitable[Write]]
"""Identity of the store, where the subject is, and its present head → the write. Raises errors of the rules."""


class Writes:
    """Enrols and erases.

    Args:
        backend: carries out the writes.
        keys_of: the keys of the subjects of a store.
    """

    def __init__(self, backend: Backend, keys_of: KeysOf) -> None:
        self._backend, self._keys_of = backend, keys_of

    async def enroll(self, enrolment: Enrolment) -> Receipt:
        """See SubjectStore. Reads nothing before if the subject must be new."""
        wanted = Receipt(
            enrolment.request_id, enrolment.digest, enrolment.subject_id, enrolment.encounter.encounter_id, START
        )

        async def plan(identity: StoreIdentity, key: SubjectKey, head: bytes) -> Write:
            return await self._enrolment(enrolment, identity, key, head)

        receipt = await self._carry_out(wanted, plan, may_exist=not enrolment.create_subject)
        if receipt is None:
            raise encounter_exists(enrolment)
        return receipt

    async def erase(self, subject_id: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore.delete. The subject's key is destroyed before this returns, also for a repetition."""
        wanted = Receipt(request_id, digest, subject_id, "", START)

        async def plan(identity: StoreIdentity, key: SubjectKey, head: bytes) -> Write:
            return _erasure(wanted, key, head)

        receipt = await self._carry_out(wanted, plan, may_exist=True)
        if receipt is None:
            raise StoreUnavailable("The subject is being written now. Try again.")
        await self.destroy_keys([(await self._backend.identity()).key(subject_id).partition])
        return receipt

    async def destroy_keys(self, partitions: Sequence[int] = ()) -> None:
        """Destroy the keys of all subjects erased in these partitions (all, if empty), also by another process."""
        waiting = await self._backend.key_slots(partitions)
        if not waiting:
            return
        keys = self._keys_of(await self._backend.identity())
        for partition in sorted({partition for partition, _ in waiting}):
            slots = [slot for own, slot in waiting if own == partition]
            await keys.destroy(partition, [KeyRef.unpack(slot) for slot in slots])
            await self._backend.forget_key_slots(partition, slots)

    async def check(self, enrolment: Enrolment) -> None:
        """Raise what `enroll` would raise now; changes nothing."""
        identity = await self._backend.identity()
        key = identity.key(enrolment.subject_id)
        known = await self._backend.known(key, request_of(enrolment.request_id, enrolment.digest))
        if known.position is not None:
            raise_if_reused(enrolment.request_id, enrolment.digest, known.content)
            return
        enrolled(Head.unpack(known.head) if known.head else None, enrolment, lambda: KeyRef(0, 0))
        (rows,) = await self._backend.read([key], (), encounters=True)
        if rows and any(each.encounter_id == enrolment.encounter.encounter_id for each in rows.encounters):
            raise encounter_exists(enrolment)

    async def _carry_out(self, wanted: Receipt, plan: Plan, *, may_exist: bool) -> Receipt | None:
        """The receipt of a write; None if an encounter id is taken."""
        request = request_of(wanted.request_id, wanted.digest)
        head: bytes | None = None if may_exist else b""
        for _ in range(MAX_ATTEMPTS):
            identity = await self._backend.identity()
            key = identity.key(wanted.subject_id)
            if head is None:
                known = await self._backend.known(key, request)
                if known.position is not None:
                    return _receipt(identity, wanted, known, replayed=True)
                head = known.head
            written = await self._backend.write(await plan(identity, key, head))
            if written.position is not None:
                return _receipt(identity, wanted, written, replayed=written.outcome is Outcome.DONE)
            if written.outcome is Outcome.TAKEN:
                return None
            head = written.head if written.outcome is Outcome.CHANGED else None
        raise StoreUnavailable("The subject is being written too often now. Try again.")

    async def _enrolment(self, enrolment: Enrolment, identity: StoreIdentity, key: SubjectKey, head: bytes) -> Write:
        keys, current = self._keys_of(identity), Head.unpack(head) if head else None
        enrolled(current, enrolment, lambda: KeyRef(0, 0))  # so that no key is taken for what is refused
        if current is None:
            ref, secret = await keys.take(key.partition)
        else:
            ref = current.key_ref
            (found,) = await keys.find(key.partition, [ref])
            if not found:
                raise subject_not_found(enrolment.subject_id)
            secret = found
        new = enrolled(current, enrolment, lambda: ref)
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
            references=_sealed(enrolment, key, number, ref, secret),
        )


def request_of(request_id: str, digest: str) -> Request:
    """The hashes of a request."""
    return Request(request_name(request_id), request_hash(request_id, digest))


def raise_if_reused(request_id: str, digest: str, content: bytes) -> None:
    """Return if the receipt's content hash is that of the request.

    Raises:
        RequestIdReused: it is of another request.
    """
    if content and content != request_hash(request_id, digest):
        raise request_id_reused(request_id)


def token_of(identity: StoreIdentity, position: FeedPosition) -> Positions:
    """The position as positions of the store."""
    return Positions(identity.adapter, identity.store_id, {position.partition: position})


def _sealed(enrolment: Enrolment, key: SubjectKey, number: int, ref: KeyRef, secret: bytes) -> Sequence[ReferenceRow]:
    references, active = enrolment.encounter.references, enrolment.encounter.state is EncounterState.ACTIVE
    rows = []
    for modality in dict.fromkeys(each.modality for each in references):
        own = [each for each in references if each.modality is modality]
        place = Place(key.partition, key.name, number, modality)
        rows.append(ReferenceRow(number, modality, active, sealed_set.seal(own, place, ref, secret)))
    return rows


def _erasure(wanted: Receipt, key: SubjectKey, head: bytes) -> Write:
    if not head:
        raise subject_not_found(wanted.subject_id)
    current = Head.unpack(head)
    return Write(
        key=key,
        subject_id=wanted.subject_id,
        request=request_of(wanted.request_id, wanted.digest),
        expected=head,
        head=b"",
        kind=ChangeKind.DELETE,
        left=current.galleries,
        key_slots=(current.key_ref.packed,),
    )


def _receipt(identity: StoreIdentity, wanted: Receipt, found: Known | Written, *, replayed: bool) -> Receipt:
    raise_if_reused(wanted.request_id, wanted.digest, found.content)
    assert found.position is not None
    return replace(wanted, token=token_of(identity, found.position).token, replayed=replayed)
