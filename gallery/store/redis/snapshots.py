"""Registers of a Redis store: snapshots, keys that must be destroyed, and subjects whose encounters are being moved."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import msgpack  # type: ignore[import-untyped]  # no type hints of its own

from biometrics.template import Modality
from gallery.store.backend import SnapshotRow, StoreIdentity
from gallery.store.redis.connections.commands import Part
from gallery.store.redis.connections.nodes import Nodes
from gallery.store.redis.keys import Keys, prefix_of
from gallery.store.redis.positions import entry_id
from gallery.store.redis.scripts import DROP, SNAPSHOT
from gallery.store.tokens import FeedPosition


class Snapshots:
    """The register of one store.

    Args:
        nodes: the servers.
        keys: key names of the namespace.
    """

    def __init__(self, nodes: Nodes, keys: Keys) -> None:
        self._nodes, self._keys = nodes, keys

    async def put(self, store: StoreIdentity, row: SnapshotRow) -> bool:
        """See Backend.put_snapshot."""
        names = [self._keys(row.partition, each) for each in ("store", "feed", "erased", "snapshots")]
        position = row.position
        facts: list[Part] = [
            f"{prefix_of(store)}.{position.epoch}",
            entry_id(position.number),
            position.mark,
            packed(row),
        ]
        return bool(await self._nodes.write(row.partition, SNAPSHOT(names, facts)))

    async def of(self, modality: Modality, partitions: Sequence[int]) -> list[SnapshotRow]:
        """See Backend.snapshots."""
        found = await self._lists("snapshots", partitions)
        rows = [unpacked(partition, each) for partition, each in found]
        return [row for row in rows if row.modality is modality]

    async def drop(self, row: SnapshotRow) -> None:
        """See Backend.drop_snapshot."""
        names = [self._keys(row.partition, "snapshots"), self._keys(row.partition, "slots")]
        await self._nodes.write(row.partition, DROP(names, [packed(row), row.key_slot]))

    async def key_slots(self, partitions: Sequence[int]) -> list[tuple[int, bytes]]:
        """See Backend.key_slots."""
        return await self._lists("slots", partitions)

    async def forget_key_slots(self, partition: int, slots: Sequence[bytes]) -> None:
        """See Backend.forget_key_slots."""
        await self._nodes.run([(partition, ("LREM", self._keys(partition, "slots"), 0, each)) for each in slots])

    async def leaving(self, partitions: Sequence[int]) -> list[str]:
        """See Backend.leaving."""
        found = await self._nodes.run([(each, ("SMEMBERS", self._keys(each, "leaving"))) for each in partitions])
        return sorted(member.decode() for each in found for member in each)

    async def _lists(self, kind: str, partitions: Sequence[int]) -> list[tuple[int, bytes]]:
        routed = [(each, ("LRANGE", self._keys(each, kind), 0, -1)) for each in partitions]
        found = await self._nodes.run(routed)
        pairs = ([(partition, value) for value in each] for partition, each in zip(partitions, found, strict=True))
        return list(chain.from_iterable(pairs))


def packed(row: SnapshotRow) -> bytes:
    """A row's bytes: length of the key's name (1 byte), the key's name, and the other fields."""
    position = row.position
    fields = [row.modality.value, row.name, position.epoch, position.mark, *position.number, row.details]
    return bytes([len(row.key_slot)]) + row.key_slot + bytes(msgpack.packb(fields))


def unpacked(partition: int, value: bytes) -> SnapshotRow:
    """The inverse."""
    end = 1 + value[0]
    modality, name, epoch, mark, major, minor, details = msgpack.unpackb(value[end:])
    position = FeedPosition(partition, epoch, mark, (major, minor))
    return SnapshotRow(partition, Modality(modality), name, value[1:end], position, details)
