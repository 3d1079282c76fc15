"""Reads of subjects and fusion models in the Redis store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from redis.asyncio import Redis

from gallery.store import tokens
from gallery.store.redis.keys import Keys, raw
from gallery.store.redis.server import RedisServer
from gallery.store.rules import fusion_model_not_found, gallery_not_found
from gallery.store.values import ModelPage
from gallery.subject import DEFAULT_GALLERY

Read = TypeVar("Read")

UNPACKED_AT_ONCE = 8
"""Up to this many records are unpacked on the event loop, which takes less time than handing them to a thread."""


class RedisReader:
    """Reads records of subjects and of fusion models.

    Args:
        server: the server of the store.
        keys: key names of the namespace.
    """

    def __init__(self, server: RedisServer, keys: Keys) -> None:
        self._server, self._keys = server, keys

    async def subjects(self, subject_ids: Sequence[str], read: Callable[[bytes], Read]) -> dict[str, Read]:
        """Those of the subjects that exist, by id, parsed by `read`."""
        if not subject_ids:
            return {}
        async with self._server.session() as (client, identity):
            keys = [self._keys.named(identity.name(subject_id)) for subject_id in subject_ids]
            found = await _read_all(client, keys, read)
        return {subject_id: subject for subject_id, subject in zip(subject_ids, found, strict=True) if subject}

    async def named(self, names: Sequence[bytes], read: Callable[[bytes], Read]) -> dict[bytes, Read]:
        """Those of the subjects that exist, by name, parsed by `read`."""
        if not names:
            return {}
        async with self._server.session() as (client, _):
            found = await _read_all(client, [self._keys.named(name) for name in names], read)
        return {name: subject for name, subject in zip(names, found, strict=True) if subject}

    async def page(
        self, page_size: int, page_token: str, gallery: str, read: Callable[[bytes], Read]
    ) -> tuple[tuple[Read, ...], str]:
        """A page of subjects in order of id, parsed by `read`, and the token of the next page."""
        after = tokens.parse_page_token(page_token, tokens.Listing.SUBJECTS, gallery)
        found = await self._ids_after(self._keys.ids(gallery), page_size, after)
        if not found:
            await self.count(gallery)
        subjects = await self.subjects(found[:page_size], read)
        if len(found) <= page_size:
            return tuple(subjects.values()), ""
        return tuple(subjects.values()), tokens.page_token(found[page_size - 1], tokens.Listing.SUBJECTS, gallery)

    async def count(self, gallery: str) -> int:
        """Number of subjects in one gallery, or in all if it is ""; raises GalleryNotFound."""
        async with self._server.session() as (client, _):
            size = int(await client.zcard(self._keys.ids(gallery)))
            if size or gallery in ("", DEFAULT_GALLERY) or await client.sismember(self._keys("galleries"), gallery):
                return size
        raise gallery_not_found(gallery)

    async def model(self, model_id: str) -> str:
        """The text of a fusion model; raises FusionModelNotFound."""
        async with self._server.session() as (client, _):
            text = await client.get(self._keys("model", model_id))
        if text is None:
            raise fusion_model_not_found(model_id)
        return raw(text).decode()

    async def model_page(self, page_size: int, page_token: str) -> ModelPage:
        """A page of ids of fusion models, in order."""
        after = tokens.parse_page_token(page_token, tokens.Listing.MODELS)
        return tokens.model_page(await self._ids_after(self._keys("models"), page_size, after), page_size)

    async def _ids_after(self, key: str, page_size: int, after: str) -> list[str]:
        """The ids of a page, and one more if there is a next page."""
        begin = f"({after}" if after else "-"
        async with self._server.session() as (client, _):
            found = await client.zrangebylex(key, begin, "+", start=0, num=page_size + 1)
        return [raw(each).decode() for each in found]


async def _read_all(client: Redis, keys: Sequence[str], read: Callable[[bytes], Read]) -> Sequence[Read | None]:
    """Apply `read` to the records at these keys, None where there is none; off the event loop if there are many."""
    records = await client.mget(keys)

    def work() -> list[Read | None]:
        return [read(raw(record)) if record else None for record in records]

    return work() if len(records) <= UNPACKED_AT_ONCE else await asyncio.to_thread(work)
