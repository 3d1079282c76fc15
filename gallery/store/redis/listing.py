"""Ids and counts over all partitions of a Redis store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gallery.store.redis.connections.nodes import Nodes
from gallery.store.redis.keys import Keys
from gallery.store.rules import gallery_not_found
from gallery.subject import DEFAULT_GALLERY

ALIASES = 0
"""The partition of the aliases."""
SPARE = 8
"""Ids read of each partition beyond its share of a page, so that one round trip is mostly enough."""


class Listing:
    """Lists of one store.

    Args:
        nodes: the servers.
        keys: key names of the namespace.
    """

    def __init__(self, nodes: Nodes, keys: Keys) -> None:
        self._nodes, self._keys = nodes, keys

    async def ids(self, count: int, after: str, limit: int, gallery: str) -> list[str]:
        """See Backend.ids; `count` is the number of partitions.

        Each partition's ids are in order. A page is certain when every partition has been read beyond it, or to its
        end; of a partition that was not, more is read.
        """
        read = await self._read(range(count), dict.fromkeys(range(count), after), limit // count + SPARE, gallery)
        found, unfinished = [], read
        for each in read.values():
            found += each[0]
        while True:
            found.sort()
            behind = {
                partition: ids[-1]
                for partition, (ids, is_full) in unfinished.items()
                if is_full and (len(found) < limit or ids[-1] < found[limit - 1])
            }
            if not behind:
                break
            unfinished |= await self._read(list(behind), behind, limit // len(behind) + SPARE, gallery)
            found += [each for partition in behind for each in unfinished[partition][0]]
        if not found:
            await self._require(count, gallery)
        return found[:limit]

    async def counts(self, count: int, gallery: str) -> Mapping[int, int]:
        """See Backend.counts; `count` is the number of partitions."""
        sizes = await self._nodes.run([(each, ("ZCARD", self._keys.ids(each, gallery))) for each in range(count)])
        if not any(sizes):
            await self._require(count, gallery)
        return dict(enumerate(sizes))

    async def galleries(self, count: int) -> list[str]:
        """See Backend.galleries; `count` is the number of partitions."""
        found = await self._nodes.run([(each, ("SMEMBERS", self._keys(each, "galleries"))) for each in range(count)])
        return sorted({DEFAULT_GALLERY, *(name.decode() for each in found for name in each)})

    async def aliases(self) -> Mapping[str, str]:
        """See Backend.aliases."""
        found = await self._nodes.read(ALIASES, ("HGETALL", self._keys(ALIASES, "aliases")))
        return {alias.decode(): gallery.decode() for alias, gallery in sorted(found.items())}

    async def _read(
        self, partitions: Sequence[int], after: Mapping[int, str], limit: int, gallery: str
    ) -> dict[int, tuple[list[str], bool]]:
        """Per partition up to `limit` ids after one, and whether there may be more."""
        routed = []
        for each in partitions:
            begin = f"({after[each]}" if after[each] else "-"
            routed.append((each, ("ZRANGEBYLEX", self._keys.ids(each, gallery), begin, "+", "LIMIT", 0, limit)))
        answers = await self._nodes.run(routed)
        return {
            each: ([member.decode() for member in answer], len(answer) == limit)
            for each, answer in zip(partitions, answers, strict=True)
        }

    async def _require(self, count: int, gallery: str) -> None:
        if gallery in ("", DEFAULT_GALLERY):
            return
        routed = [(each, ("SISMEMBER", self._keys(each, "galleries"), gallery)) for each in range(count)]
        if not any(await self._nodes.run(routed)):
            raise gallery_not_found(gallery)
