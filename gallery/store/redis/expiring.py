"""Encounters of a Redis store that expire, over all partitions."""

from __future__ import annotations

from gallery.store.redis.connections.nodes import Nodes
from gallery.store.redis.keys import Keys
from gallery.store.redis.scripts import EXPIRING
from gallery.store.rows import ExpiryRow

SPARE = 8
"""Encounters read of each partition beyond its share, so that one round trip is mostly enough."""


class Expiring:
    """The times of expiry of one store.

    Args:
        nodes: the servers.
        keys: key names of the namespace.
    """

    def __init__(self, nodes: Nodes, keys: Keys) -> None:
        self._nodes, self._keys = nodes, keys

    async def rows(self, count: int, before: int, after: ExpiryRow | None, limit: int) -> list[ExpiryRow]:
        """See Backend.expiring; `count` is the number of partitions.

        As in `Listing.ids`, more is read of a partition until it has been read beyond the page, or to its end.
        """
        found: list[ExpiryRow] = []
        size = limit // count + SPARE
        unfinished = dict.fromkeys(range(count), 0)
        while unfinished:
            last = {}
            for partition, part in zip(unfinished, await self._read(unfinished, before, after, size), strict=True):
                found += part
                if len(part) == size:
                    last[partition] = part[-1]
            found = sorted(each for each in found if after is None or each > after)[:limit]
            reached = found[-1] if len(found) == limit else None
            unfinished = {
                partition: unfinished[partition] + size
                for partition, row in last.items()
                if reached is None or row < reached
            }
            size = limit + SPARE
        return found

    async def _read(
        self, offsets: dict[int, int], before: int, after: ExpiryRow | None, size: int
    ) -> list[list[ExpiryRow]]:
        """Of each partition up to `size` encounters from an offset on; the first may be at or before `after`."""
        begin = "-inf" if after is None else after.time
        routed = [
            (partition, EXPIRING([self._keys(partition, "expiries")], [begin, f"({before}", offset, size]))
            for partition, offset in offsets.items()
        ]
        answers = await self._nodes.run(routed)
        return [[_row(answer[i], answer[i + 1]) for i in range(0, len(answer), 2)] for answer in answers]


def _row(member: bytes, score: bytes) -> ExpiryRow:
    return ExpiryRow(int(float(score)), *member.decode().split(" "))
