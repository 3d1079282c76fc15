"""Keys of subjects: each subject has one, taken from a page of the key table that was written before.

A page is added for the next 256 subjects of a partition, so enrolling writes nothing to the key table most of the time.
Keys that a process took a page for and did not use are lost, which costs 32 bytes each.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from math import inf
from time import monotonic

from biometrics.errors import KeyWrong, StoreUnavailable
from gallery.sealing.data_keys import DESTROYED, DataKeys, keys_of, new_page
from gallery.sealing.key_table import KEYS, KeyRef, KeyTable, PageHead
from gallery.sealing.page_keys import key_in, keys_from_last

CACHED_PAGES = 1024
"""Pages kept in clear, 8 KB each."""
CACHED_S = 5.0
"""Seconds after which all of them are read again, as another process may have destroyed keys."""
VERIFIED_S = 0.25
"""Seconds after which unused keys are looked for in the table again: an older one may have been restored."""
LEAST_LEFT = 64
"""When a partition has fewer unused keys, its next page is added together with that of another one."""
READS = 2
"""How often a page is read whose data key is not known: a rotation may have ended after the first time."""
ALL_DESTROYED = DESTROYED * KEYS


class SubjectKeys:
    """Takes, finds and destroys keys. For one event loop.

    Args:
        table: the key table.
        data_keys: decrypt its pages.
        clock: returns seconds, rising.
    """

    def __init__(self, table: KeyTable, data_keys: DataKeys, clock: Callable[[], float] = monotonic) -> None:
        self._table, self._data_keys, self._clock = table, data_keys, clock
        self._unused: dict[int, list[tuple[KeyRef, bytes]]] = defaultdict(list)
        self._adding = asyncio.Lock()
        self._pages: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        self._verified: dict[int, float] = {}
        self._read_at = clock()
        self._header_at = -inf

    async def check(self) -> None:
        """Return if the data keys can be unwrapped; makes them for a new store.

        Raises:
            StoreUnavailable: the key table cannot be read.
            KeyWrong, KeyUnavailable: they cannot.
            ConfigurationInvalid: the key table is of another store.
        """
        header = await self._data_keys.header(fresh=True)
        for generation in header.generations:
            await self._data_keys.key(0, generation.number)

    async def take(self, partition: int) -> tuple[KeyRef, bytes]:
        """A key that no subject has, 32 bytes, and where it is in the table.

        Raises:
            StoreUnavailable: the key table cannot be written.
            KeyWrong, KeyUnavailable: the data key cannot be unwrapped.
        """
        while True:
            async with self._adding:
                if self._clock() - self._verified.get(partition, -inf) >= VERIFIED_S:
                    await self._verify(partition)
                if not self._unused[partition]:
                    await self._add_pages(partition)
            if self._unused[partition]:
                return self._unused[partition].pop()

    def give_back(self, partition: int, ref: KeyRef, key: bytes) -> None:
        """Take back a key with which nothing was stored."""
        self._unused[partition].append((ref, key))

    async def find(self, partition: int, refs: Sequence[KeyRef]) -> list[bytes | None]:
        """The keys in these places; None for those that were destroyed, b"" if the table has no such page.

        Raises:
            StoreUnavailable: the key table cannot be read.
            KeyWrong, KeyUnavailable: a data key cannot be unwrapped.
        """
        pages = await self.pages(partition, {ref.page for ref in refs})
        return [key_in(pages.get(ref.page, b""), ref.slot) for ref in refs]

    async def find_own(self, partition: int, ref: KeyRef) -> bytes | None:
        """As `find`, of one key; also b"" if another key is in its place, as an older key table was restored."""
        (key,) = await self.find(partition, [ref])
        return b"" if key and not ref.is_of(key) else key

    async def pages(self, partition: int, numbers: Collection[int]) -> dict[int, bytes]:
        """The keys of those of the pages that exist, by number; see `key_in`. Raises as `find`."""
        await self._expire()
        known = self._pages
        pages = {number: page for number in numbers if (page := known.get((partition, number))) is not None}
        if len(pages) < len(numbers):
            read = await self._read(partition, sorted(set(numbers) - set(pages)))
            self._keep(partition, read)
            pages |= read
            if len(pages) < len(set(numbers)):
                await self._require_table()
        return pages

    async def destroy(self, partition: int, refs: Sequence[KeyRef]) -> None:
        """Destroy keys; on the disk when this returns. A key in whose place another one is now is left out.

        Raises:
            StoreUnavailable: the key table cannot be written.
            KeyWrong, KeyUnavailable: the table is missing, or a data key cannot be unwrapped.
        """
        for ref in refs:
            self._pages.pop((partition, ref.page), None)
        await self._require_table()
        own = [ref for ref in refs if await self.find_own(partition, ref)]
        if own:
            await self._table.destroy(partition, own)
        for ref in refs:
            self._pages.pop((partition, ref.page), None)

    def forget(self) -> None:
        """Drop all keys that are only kept to save time."""
        self._pages.clear()
        self._data_keys.forget()

    async def _verify(self, partition: int) -> None:
        """Drop unused keys that cannot be found any more: the table was set back, or their data key was destroyed."""
        if self._clock() - self._header_at >= VERIFIED_S:
            self._header_at = self._clock()
            await self._data_keys.header(fresh=True)
        unused = self._unused[partition]
        pages = await self._read(partition, {ref.page for ref, _ in unused}) if unused else {}
        kept = [(ref, key) for ref, key in unused if key_in(pages.get(ref.page, b""), ref.slot) == key]
        self._unused[partition] = kept
        self._verified[partition] = self._clock()

    async def _add_pages(self, needed: int) -> None:
        """Add pages. They are not used if a rotation began meanwhile, which may not have seen them."""
        few = [p for p, unused in self._unused.items() if len(unused) < LEAST_LEFT and p != needed]
        made = []
        for partition in (needed, *few):
            try:
                generation, data_key = await self._data_keys.newest(partition)
            except KeyWrong:  # perhaps that of another partition was destroyed
                if partition == needed:
                    raise
                continue
            made.append((partition, generation, *new_page(partition, generation, data_key)))
        try:
            numbers = await self._table.add_pages([page for _, _, _, page in made])
        except StoreUnavailable:  # perhaps of another partition only
            made = made[:1]
            numbers = await self._table.add_pages([page for _, _, _, page in made])
        await self._data_keys.header(fresh=True)
        for (partition, generation, keys, page), number in zip(made, numbers, strict=True):
            if await self._is_newest(partition, generation, keys, page):
                self._unused[partition] = [*keys_from_last(number, keys), *self._unused[partition]]

    async def _is_newest(self, partition: int, generation: int, keys: bytes, page: bytes) -> bool:
        """Whether a page is under the newest data key: the table may have been rotated, or made anew, meanwhile."""
        head = PageHead.of(page)
        try:
            newest, data_key = await self._data_keys.newest(partition)
        except KeyWrong:  # it was destroyed
            return False
        return head is not None and newest == generation and keys == keys_of(page, head, data_key)

    async def _read(self, partition: int, asked: Collection[int]) -> dict[int, bytes]:
        read: dict[int, bytes] = {}
        waiting = list(asked)
        for _ in range(READS):
            found = await self._table.pages(partition, waiting)
            read |= await self._decrypted(partition, found)
            waiting = [number for number in found if number not in read]
            if not waiting:
                break
        return read

    async def _require_table(self) -> None:
        if not await self._table.header():
            raise KeyWrong("The key table is missing. Restore the one that belongs to the store.")

    async def _decrypted(self, partition: int, found: Mapping[int, bytes]) -> dict[int, bytes]:
        read = {}
        for number, page in found.items():
            head = PageHead.of(page)
            if head is None or head.partition != partition:
                continue
            data_key = await self._data_keys.key(partition, head.generation)
            if data_key is None:
                read[number] = ALL_DESTROYED
            elif data_key:
                read[number] = keys_of(page, head, data_key)
        return read

    def _keep(self, partition: int, read: dict[int, bytes]) -> None:
        for number, keys in read.items():
            self._pages[partition, number] = keys
        while len(self._pages) > CACHED_PAGES:
            self._pages.popitem(last=False)

    async def _expire(self) -> None:
        if self._clock() - self._read_at > CACHED_S:
            self._pages.clear()
            self._read_at = self._clock()
            await self._data_keys.header(fresh=True)
