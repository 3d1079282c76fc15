"""Memberships: subjects that come into galleries, or leave them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from biometrics.errors import StoreUnavailable
from gallery.store.backend import Backend
from gallery.store.changes import Write
from gallery.store.life.values import GallerySize
from gallery.store.limits import require_room
from gallery.store.records.heads import Head
from gallery.store.rows import StoreIdentity, SubjectKey
from gallery.store.rules import last_gallery, subject_not_found
from gallery.store.values import START, ChangeKind, Receipt
from gallery.store.writing.carrying import Carrying
from gallery.store.writing.keyring import Keyring
from gallery.store.writing.requests import request_of

Change = Callable[[set[str]], set[str]]
"""The galleries that a subject is in → those that it is in afterwards."""

AT_ONCE = 16
"""Galleries that are counted at once."""


class Galleries:
    """Changes and counts memberships.

    Args:
        backend: keeps them.
        keyring: the keys of the subjects.
        carrying: carries out the writes.
    """

    def __init__(self, backend: Backend, keyring: Keyring, carrying: Carrying) -> None:
        self._backend, self._keyring, self._carrying = backend, keyring, carrying

    async def join(self, subject_id: str, galleries: Sequence[str], request_id: str, digest: str) -> Receipt:
        """See LifeCycle.join_galleries."""
        return await self._change(Receipt(request_id, digest, subject_id, "", START), lambda own: own | {*galleries})

    async def leave(self, subject_id: str, galleries: Sequence[str], request_id: str, digest: str) -> Receipt:
        """See LifeCycle.leave_galleries."""
        return await self._change(Receipt(request_id, digest, subject_id, "", START), lambda own: own - {*galleries})

    async def sizes(self) -> list[GallerySize]:
        """See LifeCycle.galleries."""
        names = await self._backend.galleries()
        sizes: list[GallerySize] = []
        for start in range(0, len(names), AT_ONCE):
            part = names[start : start + AT_ONCE]
            counts = await asyncio.gather(*(self._backend.counts(each) for each in part))
            sizes += [GallerySize(name, sum(own.values())) for name, own in zip(part, counts, strict=True)]
        return sizes

    async def _change(self, wanted: Receipt, change: Change) -> Receipt:
        async def plan(identity: StoreIdentity, key: SubjectKey, head: bytes) -> Write:
            if not head or not await self._keyring.exists(identity, key, head):
                raise subject_not_found(wanted.subject_id)
            return _write(wanted, key, head, change)

        receipt = await self._carrying.carry_out(wanted, plan)
        if receipt is None:
            raise StoreUnavailable("The subject is being written now. Try again.")
        return receipt


def _write(wanted: Receipt, key: SubjectKey, head: bytes, change: Change) -> Write:
    current = Head.unpack(head)
    before = set(current.galleries)
    after = change(before)
    if not after:
        raise last_gallery(wanted.subject_id)
    new = require_room(replace(current, galleries=tuple(sorted(after))), current)
    return Write(
        key=key,
        subject_id=wanted.subject_id,
        request=request_of(wanted.request_id, wanted.digest),
        expected=head,
        head=new.packed,
        kind=ChangeKind.PUT,
        joined=tuple(sorted(after - before)),
        left=tuple(sorted(before - after)),
    )
