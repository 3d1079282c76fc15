"""Documents of a Redis store: in each partition a hash and a sorted set of its keys for every collection."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from biometrics.errors import StoreUnavailable
from gallery.store.backend import Outcome, StoreIdentity
from gallery.store.documents import rules
from gallery.store.documents.port import Document
from gallery.store.redis.connections.commands import Part, Script
from gallery.store.redis.connections.nodes import Nodes, Routed
from gallery.store.redis.documents.scripts import DELETE_DOCUMENT, LIST_DOCUMENTS, PUT_DOCUMENT
from gallery.store.redis.identifying import Identifying
from gallery.store.redis.keys import Keys, prefix_of

KINDS = ("docs", "dockeys")
BEYOND = b"\xff"
"""Follows every byte of UTF-8."""
MAX_STORES = 3
"""How often a write is tried if the store is replaced by another one meanwhile."""


class RedisDocuments:
    """The documents of one namespace; see Documents.

    Args:
        nodes: the servers.
        keys: key names of the namespace.
        identifying: finds the store.
    """

    def __init__(self, nodes: Nodes, keys: Keys, identifying: Identifying) -> None:
        self._nodes, self._keys, self._identifying = nodes, keys, identifying

    async def get(self, collection: str, key: str) -> Document | None:
        """See Documents."""
        rules.check_collection(collection)
        field = rules.key_bytes(key)
        partition = rules.partition_of_key(key, await self._count())
        value = await self._nodes.read(partition, ("HGET", self._keys(partition, "docs", collection), field))
        return _document(field, value)

    async def get_many(self, collection: str, keys: Sequence[str]) -> list[Document | None]:
        """See Documents."""
        rules.check_collection(collection)
        rules.check_limit(len(keys))
        count, places = await self._count(), defaultdict[int, list[bytes]](list)
        wanted = [rules.key_bytes(each) for each in keys]
        for key, field in zip(keys, wanted, strict=True):
            places[rules.partition_of_key(key, count)].append(field)
        routed: list[Routed] = [
            (partition, ("HMGET", self._keys(partition, "docs", collection), *fields))
            for partition, fields in places.items()
        ]
        answers = await self._nodes.run(routed)
        found: dict[bytes, bytes | None] = {}
        for fields, values in zip(places.values(), answers, strict=True):
            found |= zip(fields, values, strict=True)
        return [_document(each, found[each]) for each in wanted]

    async def put(self, collection: str, key: str, body: bytes, expected_version: int) -> int:
        """See Documents."""
        rules.check_body(body)
        return await self._write(PUT_DOCUMENT, (*KINDS, "docversion"), collection, key, (expected_version, body))

    async def delete(self, collection: str, key: str, expected_version: int) -> None:
        """See Documents."""
        await self._write(DELETE_DOCUMENT, KINDS, collection, key, (expected_version,))

    async def list(self, collection: str, after: str, limit: int, prefix: str = "") -> list[Document]:
        """See Documents."""
        rules.check_collection(collection)
        begin, start = rules.text_bytes(after), rules.text_bytes(prefix)
        if not rules.check_limit(limit):
            return []
        count = await self._count()
        partitions = [rules.partition_of_key(prefix, count)] if "/" in prefix else range(count)
        low = b"(" + begin if begin >= start and begin else b"[" + start if start else b"-"
        high = b"(" + start + BEYOND if start else b"+"
        routed: list[Routed] = [
            (each, LIST_DOCUMENTS([self._keys(each, kind, collection) for kind in KINDS], (low, high, limit)))
            for each in partitions
        ]
        answers = await self._nodes.run(routed)
        pairs = sorted((key, value) for flat in answers for key, value in zip(flat[::2], flat[1::2], strict=True))
        return [each for key, value in pairs[:limit] if (each := _document(key, value)) is not None]

    async def _write(
        self, script: Script, kinds: Sequence[str], collection: str, key: str, facts: Sequence[Part]
    ) -> int:
        rules.check_collection(collection)
        field = rules.key_bytes(key)
        for _ in range(MAX_STORES):
            store = await self._identifying.identity()
            partition = rules.partition_of_key(key, store.partition_count)
            names = [self._keys(partition, "store"), *self._names(partition, kinds, collection)]
            command = script(names, (_prefix(store), field, *facts))
            outcome, version = await self._nodes.write(partition, command)
            if outcome == Outcome.CHANGED.value.encode():
                raise rules.changed(collection, int(version))
            if outcome == Outcome.WRITTEN.value.encode():
                return int(version)
            self._identifying.forget()
        raise StoreUnavailable("The store is being set up. Try again.")

    def _names(self, partition: int, kinds: Sequence[str], collection: str) -> Sequence[str]:
        return [self._keys(partition, each, "" if each == "docversion" else collection) for each in kinds]

    async def _count(self) -> int:
        return (await self._identifying.identity()).partition_count


def _prefix(store: StoreIdentity) -> str:
    return f"{prefix_of(store)}."


def _document(key: bytes, value: Any) -> Document | None:
    if value is None:
        return None
    version, _, body = bytes(value).partition(b" ")
    return Document(key.decode(), int(version), body)
