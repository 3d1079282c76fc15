"""Moves of encounters from one subject to another: begins them, and has them completed (finishing.py)."""

from __future__ import annotations

from dataclasses import replace
from secrets import token_bytes

from biometrics.errors import FieldInvalid, StoreUnavailable
from gallery.store.backend import Backend
from gallery.store.changes import Outcome, Request, Write
from gallery.store.keyed_names import SIZE
from gallery.store.life.values import Move
from gallery.store.records.heads import Head
from gallery.store.records.leaving import Leaving
from gallery.store.rows import StoreIdentity, SubjectKey
from gallery.store.tokens import joined
from gallery.store.values import START, ChangeKind, Receipt
from gallery.store.writing.carrying import receipt
from gallery.store.writing.keyring import Keyring
from gallery.store.writing.moving.arriving import Arriving
from gallery.store.writing.moving.finishing import Finishing, MovesCross, Refusal
from gallery.store.writing.present import Present, present
from gallery.store.writing.requests import MAX_ATTEMPTS, any_request, arrival_of, request_of, token_of


class Moves:
    """Moves encounters.

    Args:
        backend: keeps the rows.
        keyring: the keys of the subjects.
        arriving: says what the target would refuse.
        finishing: completes moves.
    """

    def __init__(self, backend: Backend, keyring: Keyring, arriving: Arriving, finishing: Finishing) -> None:
        self._backend, self._keyring = backend, keyring
        self._arriving, self._finishing = arriving, finishing

    async def move(self, wanted: Move) -> Receipt:
        """See LifeCycle.move_encounters."""
        if wanted.source_id == wanted.target_id:
            raise FieldInvalid("target_id", "Source and target are the same subject. Name two.")
        request, begun = request_of(wanted.request_id, wanted.digest), False
        refusal: Refusal | None = None
        for _ in range(MAX_ATTEMPTS):
            identity = await self._backend.identity()
            source = identity.key(wanted.source_id)
            known = await self._backend.known(source, request)
            if known.position is not None:
                made = Receipt(wanted.request_id, wanted.digest, wanted.target_id, "", START)
                done = receipt(identity, made, known, replayed=not begun)
                await self._keyring.destroy_keys([source.partition])
                return await self._with_arrival(identity, source, wanted, request, done)
            if begun and refusal is not None and not isinstance(refusal, MovesCross):
                raise refusal
            if not (known.head and Head.unpack(known.head).leaving):
                begun = await self._begin(identity, source, wanted, request, known.head)
                if not begun:
                    continue
            refusal = await self._finishing.finish(identity, source)
        raise StoreUnavailable("The subjects are being written too often now. Try again.")

    async def _begin(
        self, identity: StoreIdentity, source: SubjectKey, wanted: Move, request: Request, head: bytes
    ) -> bool:
        """Write the move into the head of the source; False if that is another one by now."""
        now = await present(self._backend, self._keyring, (identity, source), wanted.source_id, head)
        if now is None:
            return False
        leaving = _leaving(wanted, now, request)
        added = [each for each in now.subject.encounters if each.encounter_id in leaving.encounter_ids]
        await self._finishing.finish(identity, identity.key(wanted.target_id))  # its encounters may be leaving
        await self._arriving.check(identity, leaving, added)
        written = await self._backend.write(
            Write(
                key=source,
                subject_id=wanted.source_id,
                request=any_request(),
                expected=head,
                head=replace(now.head, leaving=leaving).packed,
                kind=ChangeKind.PUT,
                leaving=True,
            )
        )
        return written.outcome is Outcome.WRITTEN

    async def _with_arrival(
        self, identity: StoreIdentity, source: SubjectKey, wanted: Move, request: Request, done: Receipt
    ) -> Receipt:
        """The receipt whose token has the write of the target too."""
        target = identity.key(wanted.target_id)
        position = (await self._backend.known(target, arrival_of(request, source))).position
        if position is None:  # another store was put in its place
            (position,) = await self._backend.newest([target.partition])
        return replace(done, token=joined([done.token, token_of(identity, position).token]))


def _leaving(wanted: Move, now: Present, request: Request) -> Leaving:
    """The move as the source's head keeps it.

    Raises:
        EncounterNotFound: the source lacks one of the encounters.
    """
    present_ids = tuple(each.encounter_id for each in now.rows.encounters)
    ids = tuple(dict.fromkeys(wanted.encounter_ids)) or present_ids
    for each in ids:
        now.encounter_row(each)
    takes_galleries = wanted.create_target or set(ids) == set(present_ids)
    galleries = wanted.galleries or (now.head.galleries if takes_galleries else ())
    return Leaving(token_bytes(SIZE), wanted.target_id, ids, galleries, wanted.create_target, request)
