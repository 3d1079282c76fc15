"""Reads a Redis store of schema version 1 or 2, of which each subject is one record. Changes nothing in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from biometrics.errors import ConfigurationInvalid, StoreUnavailable
from gallery.operations.earlier_sqlite import VERSIONS, page_of
from gallery.operations.source import PAGE, SourcePage
from gallery.store.keyed_names import subject_name


class EarlierRedis:
    """Source of the subjects of an earlier namespace. Nobody may write to it meanwhile.

    Args:
        client: of the server.
        namespace: prefix of all keys.
    """

    def __init__(self, client: Redis, namespace: str = "biofusion") -> None:
        self._client, self._namespace = client, namespace

    async def count(self) -> int:
        """See Source.

        Raises:
            ConfigurationInvalid: there is no store, or one of another version.
        """
        await self._name_key()
        return int(await self._answer(self._client.zcard(self._key("subjects"))))

    async def pages(self) -> AsyncIterator[SourcePage]:
        """See Source."""
        name_key, after = await self._name_key(), b"-"
        while True:
            listed = self._client.zrange(self._key("subjects"), after, b"+", bylex=True, offset=0, num=PAGE)
            ids = [bytes(each).decode() for each in await self._answer(listed)]
            if not ids:
                return
            after = b"(" + ids[-1].encode()
            keys = [self._key("subject", _named(each, name_key)) for each in ids]
            records = await self._answer(self._client.mget(keys))
            page = [(each, bytes(record or b"")) for each, record in zip(ids, records, strict=True)]
            yield await asyncio.to_thread(page_of, page)

    async def models(self) -> AsyncIterator[tuple[str, str]]:
        """See Source."""
        for raw in await self._answer(self._client.zrange(self._key("models"), 0, -1)):
            model_id = bytes(raw).decode()
            text = await self._answer(self._client.get(self._key("model", model_id)))
            if text is not None:
                yield model_id, bytes(text).decode()

    async def aliases(self) -> Mapping[str, str]:
        """See Source."""
        return {}

    async def close(self) -> None:
        """See Source."""
        await self._client.aclose()

    async def _name_key(self) -> bytes:
        """The key of the names; b"" in version 1, whose records are found by id."""
        found = await self._answer(self._client.get(self._key("store")))
        version, _, rest = (found or b"").decode().partition(".")
        if version not in map(str, VERSIONS):
            raise ConfigurationInvalid("There is no store of schema version 1 or 2 in this namespace.")
        return bytes.fromhex(rest.partition(".")[2])

    def _key(self, kind: str, name: str = "") -> str:
        return f"{{{self._namespace}}}:{kind}:{name}" if name else f"{{{self._namespace}}}:{kind}"

    async def _answer(self, asked: Any) -> Any:
        try:
            return await asked
        except (RedisError, OSError) as error:
            raise StoreUnavailable(f"Redis does not answer as it should ({type(error).__name__}).") from error


def _named(subject_id: str, name_key: bytes) -> str:
    return subject_name(name_key, subject_id).hex() if name_key else subject_id
