"""Finds the store in a Redis namespace, or makes it.

A store is made partition by partition, partition 0 last: it exists when all of its partitions do. A process that ends
meanwhile leaves `making` in partition 0, and the next one goes on; several at once make the same store.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

from biometrics.errors import ConfigurationInvalid, StoreUnavailable
from gallery.partitions import DEFAULT_COUNT, check_count
from gallery.store.backend import StoreIdentity
from gallery.store.redis.connections.node import Endpoint
from gallery.store.redis.connections.nodes import Nodes
from gallery.store.redis.keys import WHOLE, Identity, Keys, prefix_of
from gallery.store.tokens import new_mark

OLD_VERSIONS = (b"1.", b"2.")


class Identifying:
    """The identity of the store in one namespace; read once, and again when a server may hold another store.

    Args:
        nodes: the servers.
        keys: key names of the namespace.
        partition_count: of a new store; 0: `DEFAULT_COUNT`, and any that the store has.
    """

    def __init__(self, nodes: Nodes, keys: Keys, partition_count: int) -> None:
        self._nodes, self._keys = nodes, keys
        self._wanted = check_count(partition_count) if partition_count else 0
        self._known: StoreIdentity | None = None
        self._seen: dict[Endpoint, int] = {}
        self._finding = asyncio.Lock()

    async def identity(self) -> StoreIdentity:
        """The identity of the store; see Backend.identity.

        Raises:
            StoreUnavailable: a server does not answer.
            ConfigurationInvalid: the store has another schema version or number of partitions, or lacks a partition.
        """
        if self._known is not None and self._is_verified:
            return self._known
        async with self._nodes.within(), self._finding:
            known = self._known
            if known and not self._is_verified and await self._wrong_partition(known) is not None:
                self.forget()
            if self._known is None:
                self._known = await self._find()
            return self._known

    @property
    def _is_verified(self) -> bool:
        """Whether each server was looked at over its present connections."""
        return self._nodes.generations.items() <= self._seen.items()

    def forget(self) -> None:
        """Read the identity again: a server holds another store."""
        self._known = None

    async def _find(self) -> StoreIdentity:
        value = await self._nodes.read(0, ("GET", self._keys(0, "store")))
        store = Identity.read(value).store if value else await self._make()
        if self._wanted not in (0, store.partition_count):
            raise ConfigurationInvalid(
                f"The Redis store has {store.partition_count} partitions, and BIOFUSION_PARTITION_COUNT says "
                f"{self._wanted}. The number cannot be changed: set {store.partition_count}, or 0."
            )
        self._seen = {}
        wrong = await self._wrong_partition(store)
        if wrong is not None:
            raise _lost(wrong)
        return store

    async def _wrong_partition(self, store: StoreIdentity) -> int | None:
        """A partition that is not of this store; None if there is none.

        One partition of each server with new connections is looked at. Servers that are down are left out: they are
        looked at when they are connected again.
        """
        asked = set()
        for partition in range(store.partition_count):
            with suppress(StoreUnavailable):
                node = await self._nodes.node(partition)
                if node.endpoint in asked or 0 < node.generation == self._seen.get(node.endpoint):
                    continue
                asked.add(node.endpoint)
                try:
                    value = await node.read(("GET", self._keys(partition, "store")))
                finally:
                    self._seen[node.endpoint] = node.generation
                if not _is_of(value, store):
                    return partition
        return None

    async def _make(self) -> StoreIdentity:
        await self._refuse_old()
        making = self._keys(0, "making")
        new = Identity.new(self._wanted or DEFAULT_COUNT)
        await self._nodes.write(0, ("SET", making, new.value, "NX"))
        claimed = await self._nodes.read(0, ("GET", making))
        if claimed is None:
            raise StoreUnavailable("Another process has just set up the store. Try again.")
        identity = Identity.read(claimed)
        others = range(1, identity.store.partition_count)
        found = await self._nodes.run([(each, ("GET", self._keys(each, "store"))) for each in others])
        for partition, value in zip(others, found, strict=True):
            if value is not None and not _is_of(value, identity.store):
                raise _lost(partition)
        await asyncio.gather(*(self._put(partition, identity) for partition in others))
        await self._put(0, identity)
        await self._nodes.write(0, ("DEL", making))
        return Identity.read(await self._nodes.read(0, ("GET", self._keys(0, "store")))).store

    async def _put(self, partition: int, identity: Identity) -> None:
        own = replace(identity, epoch=new_mark())
        names = self._keys(partition, "store"), self._keys(partition, "tail")
        await self._nodes.write(partition, ("MSETNX", names[0], own.value, names[1], own.tail))

    async def _refuse_old(self) -> None:
        old = await self._nodes.read(WHOLE, ("GET", self._keys(WHOLE, "store")))
        if old is not None and old.startswith(OLD_VERSIONS):
            version = old[:1].decode()
            raise ConfigurationInvalid(
                f"The Redis store has schema version {version}, which has no partitions. "
                "Run `biofusion gallery migrate`, or use another namespace.",
                schema_version=version,
            )


def _is_of(value: bytes | None, store: StoreIdentity) -> bool:
    return value is not None and value.startswith(prefix_of(store).encode() + b".")


def _lost(partition: int) -> ConfigurationInvalid:
    return ConfigurationInvalid(
        f"Partition {partition} of the Redis store is missing or of another store: its node has lost its data. Restore "
        "the node from a backup, or use another namespace.",
        partition=str(partition),
    )
