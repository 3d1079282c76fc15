"""Carries out the write of a request: once, and against the subject's present head."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from biometrics.errors import RecordUnreadable, StoreUnavailable
from gallery.store.backend import Backend
from gallery.store.changes import Known, Outcome, Write, Written
from gallery.store.records.heads import Head
from gallery.store.rows import StoreIdentity, SubjectKey
from gallery.store.values import Receipt
from gallery.store.writing.moving.finishing import Finishing
from gallery.store.writing.requests import MAX_ATTEMPTS, raise_if_reused, request_of, token_of

Plan = Callable[[StoreIdentity, SubjectKey, bytes], Awaitable[Write | None]]
"""Identity of the store, where the subject is, and its present head → the write; None if the head is another one by
now. Raises errors of the rules."""


class Carrying:
    """Carries out writes.

    Args:
        backend: keeps the subjects.
        finishing: completes a move that has begun, before anything else is written to its source.
    """

    def __init__(self, backend: Backend, finishing: Finishing) -> None:
        self._backend, self._finishing = backend, finishing

    async def carry_out(
        self, wanted: Receipt, plan: Plan, *, may_exist: bool = True, erases: bool = False
    ) -> Receipt | None:
        """The receipt of a write; None if an encounter id is taken.

        Args:
            wanted: the receipt, without its token.
            plan: makes the write.
            may_exist: False: the subject must be new, so nothing is read before it is written.
            erases: True: the subject is erased, also if it has arrived elsewhere in part, and its rest cannot be read.

        Raises:
            RequestIdReused: the request id was used with another digest.
        """
        request = request_of(wanted.request_id, wanted.digest)
        head: bytes | None = None if may_exist else b""
        for _ in range(MAX_ATTEMPTS):
            identity = await self._backend.identity()
            key = identity.key(wanted.subject_id)
            if head is None:
                known = await self._backend.known(key, request)
                if known.position is not None:
                    return receipt(identity, wanted, known, replayed=True)
                head = known.head
            if head and Head.unpack(head).leaving is not None and await self._finished(identity, key, erases=erases):
                head = None
                continue
            write = await plan(identity, key, head)
            if write is None:
                head = None
                continue
            written = await self._backend.write(write)
            if written.position is not None:
                return receipt(identity, wanted, written, replayed=written.outcome is Outcome.DONE)
            if written.outcome is Outcome.TAKEN:
                return None
            head = written.head if written.outcome is Outcome.CHANGED else None
        raise StoreUnavailable("The subject is being written too often now. Try again.")

    async def _finished(self, identity: StoreIdentity, key: SubjectKey, *, erases: bool) -> bool:
        """Complete the move of a subject's encounters; False if they have arrived, and the rest cannot be read."""
        try:
            await self._finishing.finish(identity, key)
        except RecordUnreadable:
            if not erases:
                raise
            return False
        return True


def receipt(identity: StoreIdentity, wanted: Receipt, found: Known | Written, *, replayed: bool) -> Receipt:
    """The receipt with the token of what was found.

    Raises:
        RequestIdReused: it is of another request.
    """
    raise_if_reused(wanted.request_id, wanted.digest, found.content)
    assert found.position is not None
    return replace(wanted, token=token_of(identity, found.position).token, replayed=replayed)
