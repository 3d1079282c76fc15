"""Completes moves: the encounters come to the target, and then leave the source (0043).

    1. begun       the head of the source says what moves where; nothing else is written to the source until 3 or 4
    2. arrived     the target has the encounters, and its partition a receipt of that
    3. left        the source has them no longer, and a new key; the receipt of the request is in its partition
    4. or refused  the target's partition has a receipt that bars the arrival, and the source's head is as before 1

Each step is one write, which happens once however many processes try: whoever finds a move that has begun completes
it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from biometrics.errors import (
    AlreadyExists,
    BiofusionError,
    KeyWrong,
    PreconditionFailed,
    RecordUnreadable,
    StoreUnavailable,
    SubjectNotFound,
)
from gallery.store.backend import Backend
from gallery.store.changes import Request, Write
from gallery.store.records.heads import Head
from gallery.store.rows import StoreIdentity, SubjectKey, SubjectRows
from gallery.store.rules import subject_not_found
from gallery.store.values import ChangeKind
from gallery.store.writing.keyring import Keyring
from gallery.store.writing.made import erasure, rewriting
from gallery.store.writing.moving.arriving import Arriving
from gallery.store.writing.present import MODALITIES, Present
from gallery.store.writing.requests import MAX_ATTEMPTS, any_request, arrival_of

log = logging.getLogger(__name__)


class MovesCross(Exception):
    """The target of a move is the source of one that waits for it."""


REFUSALS = (MovesCross, AlreadyExists, PreconditionFailed, SubjectNotFound, RecordUnreadable, KeyWrong)
"""Errors that end a move; after others it is tried again."""
Refusal = BiofusionError | MovesCross
BARRED = MovesCross("Another process has refused the move.")


class Finishing:
    """Completes moves.

    Args:
        backend: keeps the rows.
        keyring: the keys of the subjects.
        arriving: writes the targets.
    """

    def __init__(self, backend: Backend, keyring: Keyring, arriving: Arriving) -> None:
        self._backend, self._keyring, self._arriving = backend, keyring, arriving

    async def finish_all(self) -> None:
        """Complete all moves that have begun, also by other processes. One whose source cannot be read stays."""
        for subject_id in await self._backend.leaving():
            identity = await self._backend.identity()
            try:
                await self.finish(identity, identity.key(subject_id))
            except (RecordUnreadable, KeyWrong) as error:
                log.warning("A move of encounters cannot be completed now: %s", error.message)

    async def finish(
        self, identity: StoreIdentity, key: SubjectKey, waiting: Sequence[SubjectKey] = ()
    ) -> Refusal | None:
        """Complete the move of which a subject is the source, if there is one.

        Args:
            identity: of the store.
            key: the source.
            waiting: sources of moves that wait for this one.

        Returns:
            Why the move was refused; None if it was not, or not by this call.
        """
        for attempt in range(MAX_ATTEMPTS):
            (rows,) = await self._backend.read([key], MODALITIES, encounters=True)
            head = Head.unpack(rows.head) if rows else None
            if rows is None or head is None or head.leaving is None:
                return None
            move, arrival = head.leaving, arrival_of(head.leaving.request, key)
            try:
                error = await self._arrive(identity, rows, head, (*waiting, key))
            except REFUSALS as refusal:
                error = refusal
            if error is not None and await self._arriving.refuse(identity, move, arrival):
                await self._backend.write(_staying(rows, head))
                return error if error is not BARRED else None
            await self._leave(identity, rows, head, move.request if attempt == 0 else any_request())
        raise StoreUnavailable("The subject is being written too often now. Try again.")

    async def _arrive(
        self, identity: StoreIdentity, rows: SubjectRows, head: Head, waiting: Sequence[SubjectKey]
    ) -> Refusal | None:
        """Have the encounters arrive; BARRED if another process has refused the move. Raises why it is refused."""
        now, move = await self._present(identity, rows, head), head.leaving
        assert move is not None
        if now is None:
            raise subject_not_found(rows.subject_id)
        added = [each for each in now.subject.encounters if each.encounter_id in move.encounter_ids]

        async def free(target: SubjectKey) -> None:
            if target in waiting:
                raise MovesCross
            await self.finish(identity, target, waiting)

        request = arrival_of(move.request, rows.key)
        return None if await self._arriving.arrive(identity, move, request, added, free) else BARRED

    async def _leave(self, identity: StoreIdentity, rows: SubjectRows, head: Head, request: Request) -> None:
        """Remove the encounters from the source, and destroy the key that it had.

        Another write may have used the request meanwhile, as no client should; then nothing is written, and the next
        attempt uses another one.
        """
        gone = head.leaving.encounter_ids if head.leaving else ()
        now = await self._present(identity, rows, head)
        if now is None or all(each.encounter_id in gone for each in rows.encounters):
            write = erasure(request, rows.subject_id, rows.key, rows.head)
        else:
            kept = [each for each in now.subject.encounters if each.encounter_id not in gone]
            write = rewriting(request, rows, kept, *await self._keyring.of(identity).take(rows.key.partition))
        await self._backend.write(write)
        await self._keyring.destroy_keys([rows.key.partition])

    async def _present(self, identity: StoreIdentity, rows: SubjectRows, head: Head) -> Present | None:
        """The source; None if its key is destroyed."""
        found = await self._keyring.own(identity, rows.key, head)
        return None if found is None else Present(rows, head, found)


def _staying(rows: SubjectRows, head: Head) -> Write:
    """The write that ends a move that was refused."""
    return Write(
        key=rows.key,
        subject_id=rows.subject_id,
        request=any_request(),
        expected=rows.head,
        head=replace(head, leaving=None).packed,
        kind=ChangeKind.PUT,
        leaving=False,
    )
