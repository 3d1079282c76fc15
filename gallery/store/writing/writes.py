"""Writes of a store: an enrolment or an erasure becomes one write of the backend."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from biometrics.errors import AlreadyExists, PreconditionFailed, StoreUnavailable, SubjectNotFound
from gallery.sealing import sealed_set
from gallery.sealing.key_table import KEY_REF, KeyRef
from gallery.sealing.sealed_set import Place
from gallery.sealing.subject_keys import SubjectKeys
from gallery.store.backend import Backend
from gallery.store.changes import Known, Outcome, Request, Write, Written
from gallery.store.keyed_names import request_name
from gallery.store.records import encounters
from gallery.store.records.heads import Head, key_missing
from gallery.store.rows import ReferenceRow, StoreIdentity, SubjectKey
from gallery.store.rules import encounter_exists, enrolled, subject_not_found
from gallery.store.values import START, ChangeKind, Enrolment, Receipt
from gallery.store.writing.requests import raise_if_reused, request_of, token_of
from gallery.store.writing.taken_key import TakenKey
from gallery.subject import EncounterState

NO_KEY = KeyRef(0, 0)
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

        taken = TakenKey()

        async def plan(identity: StoreIdentity, key: SubjectKey, head: bytes) -> Write:
            return await self._enrolment(enrolment, identity, key, head, taken)

        try:
            receipt = await self._carry_out(wanted, plan, may_exist=not enrolment.create_subject)
        except (AlreadyExists, PreconditionFailed, SubjectNotFound):
            taken.give_back()
            raise
        if receipt is None or receipt.replayed:
            taken.give_back()
        if receipt is None:
            raise encounter_exists(enrolment)
        return receipt

    async def erase(self, subject_id: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore.delete. The subject's key is destroyed before this returns, also for a repetition."""
        wanted = Receipt(request_id, digest, subject_id, "", START)

        async def plan(_: StoreIdentity, key: SubjectKey, head: bytes) -> Write:
            return _erasure(request_of(request_id, digest), subject_id, key, head)

        receipt = await self._carry_out(wanted, plan, may_exist=True)
        if receipt is None:
            raise StoreUnavailable("The subject is being written now. Try again.")
        await self.destroy_keys([(await self._backend.identity()).key(subject_id).partition])
        return receipt

    async def destroy_keys(self, partitions: Sequence[int] = ()) -> None:
        """Destroy the keys of all subjects erased in these partitions (all, if empty), also by another process.

        A place that cannot be read is left where it is.
        """
        waiting = await self._backend.key_slots(partitions)
        if not waiting:
            return
        keys = self._keys_of(await self._backend.identity())
        for partition in sorted({partition for partition, _ in waiting}):
            slots = [slot for own, slot in waiting if own == partition and len(slot) == KEY_REF.size]
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
        exists = await self.exists(identity, key, known.head)
        enrolled(Head.unpack(known.head) if exists else None, enrolment, NO_KEY)
        (rows,) = await self._backend.read([key], (), encounters=True)
        if exists and rows and any(each.encounter_id == enrolment.encounter.encounter_id for each in rows.encounters):
            raise encounter_exists(enrolment)

    async def exists(self, identity: StoreIdentity, key: SubjectKey, head: bytes) -> bool:
        """Whether a subject of this head exists: there is one, and its key was not destroyed."""
        if not head:
            return False
        (found,) = await self._keys_of(identity).find(key.partition, [Head.unpack(head).key_ref])
        return found is not None

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

    async def _enrolment(
        self, enrolment: Enrolment, identity: StoreIdentity, key: SubjectKey, head: bytes, taken: TakenKey
    ) -> Write:
        if head and not await self.exists(identity, key, head):
            await self._drop_remains(enrolment, key, head)
            head = b""
        current = Head.unpack(head) if head else None
        enrolled(current, enrolment, NO_KEY)  # so that no key is taken for what is refused
        if current is None:
            ref, secret = await taken.of(self._keys_of(identity), key.partition)
        else:
            ref, secret = current.key_ref, await self._own_key(identity, key, current)
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
            references=_sealed(enrolment, key, number, ref, secret),
        )

    async def _own_key(self, identity: StoreIdentity, key: SubjectKey, head: Head) -> bytes:
        found = await self._keys_of(identity).find_own(key.partition, head.key_ref)
        if found is None:
            raise subject_not_found(head.subject_id)
        if not found:
            raise key_missing()
        return found

    async def _drop_remains(self, enrolment: Enrolment, key: SubjectKey, head: bytes) -> None:
        """Remove the rows of an erased subject, which a restored backup has brought back and nobody can see."""
        request = request_of(enrolment.request_id, f"remains of {enrolment.digest}")
        name = request_name(f"remains {enrolment.request_id}")
        await self._backend.write(_erasure(replace(request, name=name), enrolment.subject_id, key, head))


def _sealed(enrolment: Enrolment, key: SubjectKey, number: int, ref: KeyRef, secret: bytes) -> Sequence[ReferenceRow]:
    references, active = enrolment.encounter.references, enrolment.encounter.state is EncounterState.ACTIVE
    rows = []
    for modality in dict.fromkeys(each.modality for each in references):
        own = [each for each in references if each.modality is modality]
        place = Place(key.partition, key.name, number, modality)
        rows.append(ReferenceRow(number, modality, active, sealed_set.seal(own, place, ref, secret)))
    return rows


def _erasure(request: Request, subject_id: str, key: SubjectKey, head: bytes) -> Write:
    if not head:
        raise subject_not_found(subject_id)
    current = Head.unpack(head)
    return Write(
        key=key,
        subject_id=subject_id,
        request=request,
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
