"""Aliases of galleries: names that stand for a gallery, and can be switched to another one at a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from math import inf
from time import monotonic

from biometrics.errors import FieldInvalid, GalleryNotFound
from gallery.store.backend import Backend
from gallery.store.changes import Outcome, Written
from gallery.store.rules import alias_not_found, gallery_exists
from gallery.store.values import Receipt
from gallery.store.writing.requests import raise_if_reused, request_of, token_of
from gallery.subject import check_id

CACHED_S = 1.0
"""Seconds for which the aliases that were read are used."""


class Aliases:
    """The aliases of a store.

    Args:
        backend: keeps them.
        clock: returns seconds, rising.
    """

    def __init__(self, backend: Backend, clock: Callable[[], float] = monotonic) -> None:
        self._backend, self._clock = backend, clock
        self._known: Mapping[str, str] = {}
        self._read_at = -inf
        self._reading = asyncio.Lock()

    async def put(self, alias: str, gallery: str, request_id: str, digest: str) -> Receipt:
        """Let a name stand for a gallery; see LifeCycle.set_alias.

        A gallery that gets its first subject while its name becomes an alias is hidden until the alias is deleted.
        """
        check_id(alias, "alias")
        check_id(gallery, "gallery")
        request = request_of(request_id, digest)
        known = await self._backend.known((await self._backend.identity()).key(alias)._replace(partition=0), request)
        if known.position is None:
            await self._require(alias, gallery)
        return await self._receipt(alias, request_id, digest, await self._backend.put_alias(alias, gallery, request))

    async def delete(self, alias: str, request_id: str, digest: str) -> Receipt:
        """See LifeCycle.delete_alias."""
        written = await self._backend.put_alias(alias, "", request_of(request_id, digest))
        return await self._receipt(alias, request_id, digest, written)

    async def all(self) -> Mapping[str, str]:
        """See LifeCycle.aliases."""
        read_at = self._clock()
        self._known = await self._backend.aliases()
        self._read_at = read_at
        return self._known

    async def resolve(self, gallery: str) -> str:
        """See LifeCycle.resolve."""
        (resolved,) = await self.resolved([gallery])
        return resolved

    async def resolved(self, galleries: Sequence[str]) -> tuple[str, ...]:
        """The galleries that names stand for, each once."""
        if self._clock() - self._read_at > CACHED_S:
            async with self._reading:
                if self._clock() - self._read_at > CACHED_S:
                    await self.all()
        return tuple(dict.fromkeys([self._known.get(each, each) for each in galleries]))

    async def _require(self, alias: str, gallery: str) -> None:
        """Raise what `set_alias` raises."""
        known = await self._backend.aliases()
        if gallery == alias or gallery in known:
            raise FieldInvalid("gallery", "An alias stands for a gallery, not for an alias. Name the gallery.")
        if alias in known.values():
            raise FieldInvalid("alias", "Another alias stands for a gallery of this name. Choose another name.")
        await self._backend.counts(gallery)
        if await self._size(alias):
            raise gallery_exists(alias)

    async def _size(self, gallery: str) -> int:
        try:
            return sum((await self._backend.counts(gallery)).values())
        except GalleryNotFound:
            return 0

    async def _receipt(self, alias: str, request_id: str, digest: str, written: Written) -> Receipt:
        raise_if_reused(request_id, digest, written.content)
        if written.position is None:
            raise alias_not_found(alias)
        self._read_at = -inf
        token = token_of(await self._backend.identity(), written.position).token
        return Receipt(request_id, digest, alias, "", token, written.outcome is Outcome.DONE)
