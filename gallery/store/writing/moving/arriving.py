"""The target's half of a move: the encounters are added to it, once, unless the move was refused before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from biometrics.errors import StoreUnavailable
from gallery.sealing.key_table import NO_KEY
from gallery.store.backend import Backend
from gallery.store.changes import Outcome, Request, Write
from gallery.store.limits import require_room
from gallery.store.records import encounters
from gallery.store.records.heads import Head
from gallery.store.records.leaving import Leaving
from gallery.store.rows import StoreIdentity, SubjectKey
from gallery.store.rules import encounter_exists, subject_exists, subject_not_found
from gallery.store.values import ChangeKind
from gallery.store.writing.keyring import Keyring
from gallery.store.writing.made import drop_remains, expiries, sealed
from gallery.store.writing.requests import MAX_ATTEMPTS
from gallery.store.writing.taken_key import TakenKey
from gallery.subject import Encounter

Free = Callable[[SubjectKey], Awaitable[None]]
"""Completes a move of which this subject is the source, or raises StoreUnavailable if that waits for this one."""


class Arriving:
    """Writes the targets of moves.

    Args:
        backend: keeps the rows.
        keyring: the keys of the subjects.
    """

    def __init__(self, backend: Backend, keyring: Keyring) -> None:
        self._backend, self._keyring = backend, keyring

    async def check(self, identity: StoreIdentity, move: Leaving, added: Sequence[Encounter]) -> None:
        """Raise what would refuse the encounters now: SubjectNotFound, SubjectExists, EncounterExists, SubjectFull."""
        key = identity.key(move.target_id)
        (rows,) = await self._backend.read([key], (), encounters=True)
        exists = rows is not None and await self._keyring.exists(identity, key, rows.head)
        current = Head.unpack(rows.head) if exists and rows else None
        _room(current, move, added)
        for each in rows.encounters if exists and rows else ():
            if each.encounter_id in move.encounter_ids:
                raise encounter_exists(move.target_id, each.encounter_id)

    async def arrive(
        self, identity: StoreIdentity, move: Leaving, request: Request, added: Sequence[Encounter], free: Free
    ) -> bool:
        """Add encounters to the target; returns whether they are there, by this call or one before.

        Args:
            identity: of the store.
            move: the move; False is returned if it was refused.
            request: makes it happen once.
            added: the encounters.
            free: called if the target is the source of another move.

        Raises:
            SubjectNotFound, SubjectExists, EncounterExists, SubjectFull: the rules refuse them.
        """
        key, taken = identity.key(move.target_id), TakenKey()
        for _ in range(MAX_ATTEMPTS):
            known = await self._backend.known(key, request)
            if known.position is not None:
                return True
            head = known.head
            if head and not await self._keyring.exists(identity, key, head):
                if not await drop_remains(self._backend, move.target_id, key, head):
                    continue
                head = b""
            if head and Head.unpack(head).leaving is not None:
                await free(key)
                continue
            write = await self._write(identity, key, (head, request, taken), move, added)
            outcome = Outcome.CHANGED if write is None else (await self._backend.write(write)).outcome
            if outcome is Outcome.TAKEN:
                await self.check(identity, move, added)
            if outcome in (Outcome.WRITTEN, Outcome.DONE, Outcome.BARRED):
                return outcome is not Outcome.BARRED
        raise StoreUnavailable("The target is being written too often now. Try again.")

    async def refuse(self, identity: StoreIdentity, move: Leaving, request: Request) -> bool:
        """Make sure that the encounters never arrive; False if they have.

        It is a write of the target that changes nothing, whose receipt bars the arrival, and which that of the arrival
        bars: of the two, one happens.
        """
        key = identity.key(move.target_id)
        for _ in range(MAX_ATTEMPTS):
            head = (await self._backend.known(key, request)).head
            written = await self._backend.write(
                Write(
                    key=key,
                    subject_id=move.target_id,
                    request=Request(move.refusal, move.refusal),
                    expected=head,
                    head=head,
                    kind=ChangeKind.PUT if head else ChangeKind.DELETE,
                    unless=request.name,
                )
            )
            if written.outcome in (Outcome.WRITTEN, Outcome.DONE, Outcome.BARRED):
                return written.outcome is not Outcome.BARRED
        raise StoreUnavailable("The target is being written too often now. Try again.")

    async def _write(
        self,
        identity: StoreIdentity,
        key: SubjectKey,
        against: tuple[bytes, Request, TakenKey],
        move: Leaving,
        added: Sequence[Encounter],
    ) -> Write | None:
        """The write, against the present head; None if it is another one by now."""
        head, request, taken = against
        current = Head.unpack(head) if head else None
        new = _room(current, move, added)
        found = await self._keyring.of_head(identity, key, current, taken)
        if found is None:
            return None
        ref, secret = found
        first = new.next_number - len(added)
        return Write(
            key=key,
            subject_id=move.target_id,
            request=request,
            expected=head,
            head=replace(new, key_ref=ref).packed,
            kind=ChangeKind.PUT,
            joined=tuple(sorted(set(new.galleries) - set(current.galleries if current else ()))),
            encounters=tuple(encounters.pack(each, number) for number, each in enumerate(added, first)),
            references=[row for n, each in enumerate(added, first) for row in sealed(each, key, n, ref, secret)],
            expiries=expiries(added),
            unless=move.refusal,
        )


def _room(current: Head | None, move: Leaving, added: Sequence[Encounter]) -> Head:
    """The target's head with the encounters. Raises what the rules refuse."""
    if current is None and not move.create_target:
        raise subject_not_found(move.target_id)
    if current is not None and move.create_target:
        raise subject_exists(move.target_id)
    head = current or Head(move.target_id, (), 0, 0, 0, NO_KEY)
    for each in added:
        head = head.with_encounter(move.galleries, len(each.references))
    return require_room(head, current)
