"""Finds the key and the store's identity for a write (`writes.py`); tries again if the store is replaced meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from biometrics.errors import StoreUnavailable
from gallery.store.redis.keys import Identity, Keys
from gallery.store.redis.server import RedisServer
from gallery.store.redis.writes import Plan, Writing
from gallery.store.values import Receipt

MAX_STORES = 3
"""How often a write is tried, as the store may be replaced by another one between two attempts."""


class RedisWriter:
    """Writes records of subjects and of fusion models.

    Args:
        server: the server of the store.
        keys: key names of the namespace.
        writing: carries out one attempt.
    """

    def __init__(self, server: RedisServer, keys: Keys, writing: Writing) -> None:
        self._server, self._keys, self._writing = server, keys, writing

    async def subject(self, wanted: Receipt, plan: Plan, expected: bytes | None) -> Receipt:
        """Write the record of the subject that `wanted` names; see `Writing.write`."""
        return await self._written(wanted, lambda who: self._keys.named(who.name(wanted.subject_id)), plan, expected)

    async def model(self, wanted: Receipt, plan: Plan, expected: bytes | None) -> Receipt:
        """Write the fusion model that `wanted` names; see `Writing.write`."""
        return await self._written(wanted, lambda _: self._keys("model", wanted.subject_id), plan, expected)

    async def _written(
        self, wanted: Receipt, key: Callable[[Identity], str], plan: Plan, expected: bytes | None
    ) -> Receipt:
        async with self._server.session() as (client, known):
            identity = known
            for _ in range(MAX_STORES):
                receipt = await self._writing.write(client, identity, wanted, key(identity), plan, expected)
                if receipt is not None:
                    return receipt
                identity = await self._server.identify()
        raise StoreUnavailable("The store is being set up. Try again.")
