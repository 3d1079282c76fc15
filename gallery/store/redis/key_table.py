"""The key table in Redis, in the server of the store or in another one.

The header is in `keys` of partition 0. A page is a string `keypage:<n>` of its partition, and `keypages` is the number
of pages that were ever begun there. A key is destroyed by overwriting its 32 bytes in the page.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf

from gallery.progress import Progress
from gallery.sealing.data_keys import DESTROYED
from gallery.sealing.header import Header
from gallery.sealing.key_table import HEAD, KEY_BYTES, KeyRef, PageHead, Rewrap
from gallery.store.redis.connections.access import Access, Demands
from gallery.store.redis.connections.commands import Part
from gallery.store.redis.connections.nodes import Nodes
from gallery.store.redis.keys import Keys
from gallery.store.redis.rewriting import DELAY_S, Rewriting
from gallery.store.redis.scripts import DESTROY, REPLACE
from gallery.store.tokens import new_mark

PAGES_AT_ONCE = 64
"""Pages, of 8 KB, that are rewritten in one round trip."""


class RedisKeyTable:
    """KeyTable in one namespace of Redis.

    Args:
        url: as connections/address.py reads it.
        namespace: what the keys begin with.
        access: who connects.
        demands: what the servers must do to keep writes.
        left_s: returns the seconds left until the deadline of the current call.
        rewrite_delay_s: seconds from a destruction to the rewrite of the append-only file.

    Raises:
        ConfigurationInvalid: the URL cannot be read.
    """

    def __init__(
        self,
        url: str,
        namespace: str,
        *,
        access: Access | None = None,
        demands: Demands | None = None,
        left_s: Callable[[], float] = lambda: inf,
        rewrite_delay_s: float = DELAY_S,
    ) -> None:
        self._keys = keys = Keys(namespace)
        self._nodes = Nodes(url, keys.tag, access or Access(), demands or Demands(), left_s)
        self._rewriting = Rewriting(self._nodes, keys, rewrite_delay_s)
        self._opened = False

    async def header(self) -> bytes:
        """See KeyTable. The first call continues a rewrite that was interrupted."""
        header: bytes = await self._nodes.read(0, ("GET", self._keys(0, "keys"))) or b""
        if header and not self._opened:
            self._opened = True
            self._rewriting.schedule(range(_partition_count(header)))
        return header

    async def put_header(self, new: bytes, expected: bytes) -> bool:
        """See KeyTable. The old header is in the append-only file until it is rewritten, which is begun."""
        done = bool(await self._nodes.write(0, REPLACE([self._keys(0, "keys")], [expected, new])))
        if done and expected:
            await self._nodes.write(0, ("SET", self._keys(0, "rewriting"), new_mark()))
            self._rewriting.schedule([0])
        return done

    async def add_pages(self, pages: Sequence[bytes]) -> list[int]:
        """See KeyTable."""
        partitions = [head.partition for page in pages if (head := PageHead.of(page))]
        counts = Counter(partitions)
        ends = await asyncio.gather(
            *(
                self._nodes.write(each, ("INCRBY", self._keys(each, "keypages"), count))
                for each, count in counts.items()
            )
        )
        following = {each: end - counts[each] for each, end in zip(counts, ends, strict=True)}
        numbers = []
        for partition in partitions:
            numbers.append(following[partition])
            following[partition] += 1
        await asyncio.gather(
            *(
                self._nodes.write(partition, ("SET", self._page(partition, number), page))
                for partition, number, page in zip(partitions, numbers, pages, strict=True)
            )
        )
        return numbers

    async def pages(self, partition: int, numbers: Sequence[int]) -> Mapping[int, bytes]:
        """See KeyTable."""
        found = await self._nodes.run([(partition, ("GET", self._page(partition, each))) for each in numbers])
        return {number: page for number, page in zip(numbers, found, strict=True) if page is not None}

    async def destroy(self, partition: int, refs: Sequence[KeyRef]) -> None:
        """See KeyTable. A rewrite of the append-only files begins 5 s later, as they hold the pages as they were."""
        offsets: dict[int, list[str]] = defaultdict(list)
        for ref in refs:
            offsets[ref.page].append(str(HEAD.size + KEY_BYTES * ref.slot))
        names = [self._keys(partition, "rewriting"), *(self._page(partition, page) for page in offsets)]
        facts: list[Part] = [new_mark(), DESTROYED, *(" ".join(each) for each in offsets.values())]
        await self._nodes.write(partition, DESTROY(names, facts))
        self._rewriting.schedule([partition])

    async def rewrap(self, change: Rewrap, progress: Progress) -> None:
        """See KeyTable. A page that is changed meanwhile is read and changed again."""
        header = await self.header()
        partitions = range(_partition_count(header)) if header else range(0)
        ends = await self._nodes.run([(each, ("GET", self._keys(each, "keypages"))) for each in partitions])
        places = [(p, number) for p, end in zip(partitions, ends, strict=True) for number in range(int(end or 0))]
        for start in range(0, len(places), PAGES_AT_ONCE):
            left: Sequence[tuple[int, int]] = places[start : start + PAGES_AT_ONCE]
            while left:
                left = await self._rewrapped(left, change)
            progress(min(start + PAGES_AT_ONCE, len(places)), len(places))
        await asyncio.gather(
            *(self._nodes.write(each, ("SET", self._keys(each, "rewriting"), new_mark())) for each in partitions)
        )
        self._rewriting.schedule(partitions)

    async def rewritten(self) -> None:
        """Return when no append-only file holds a key that was destroyed before."""
        await self._rewriting.finished()

    async def close(self) -> None:
        """See KeyTable."""
        await self._rewriting.close()
        await self._nodes.close()

    async def _rewrapped(self, places: Iterable[tuple[int, int]], change: Rewrap) -> list[tuple[int, int]]:
        """Replace these pages by their changes; those that another process changed meanwhile are returned."""
        asked = list(places)
        found = await self._nodes.run([(partition, ("GET", self._page(partition, n))) for partition, n in asked])
        pages = [(place, page) for place, page in zip(asked, found, strict=True) if page is not None]
        changed = await asyncio.to_thread(lambda: [change(page) for _, page in pages])
        new = [(*each, page) for each, page in zip(pages, changed, strict=True) if page is not None]
        done = await asyncio.gather(
            *(self._nodes.write(place[0], REPLACE([self._page(*place)], [old, page])) for place, old, page in new)
        )
        return [place for (place, _, _), is_done in zip(new, done, strict=True) if not is_done]

    def _page(self, partition: int, number: int) -> str:
        return self._keys(partition, "keypage", str(number))


def _partition_count(header: bytes) -> int:
    return len(Header.unpack(header).generations[0].wrapped)
