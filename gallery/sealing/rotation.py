"""Rotation and destruction of keys: what makes old copies of the key table, and whole partitions, unreadable.

A rotation leaves every template as it is. It makes

1. a new key-encryption key, and new data keys wrapped under it, beside the present ones;
2. every page of the key table anew, under the new data keys;
3. a header with the new data keys only, and then destroys the old key-encryption keys.

From then on nobody can open an older copy of the key table, and so no template whose key was destroyed before. It can
run while people are enrolled, found and erased, and beside another rotation. If it is interrupted, the next one
completes it: key-encryption keys that are still to be destroyed are named in the header.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from gallery.progress import Progress, silent
from gallery.sealing.data_keys import DataKeys, destroyed_page, rewrapped
from gallery.sealing.header import Generation, Header, new_generation
from gallery.sealing.key_encryption import KeyEncryption
from gallery.sealing.key_table import KeyTable, PageHead, Rewrap

MOST = 2
"""Most generations of data keys that a rotation adds one to; more, left by interrupted ones, it drops before."""


class Rotation:
    """Rotates or destroys the keys of one store.

    Args:
        table: the key table.
        data_keys: of the same store.
        encryption: wraps the data keys.
    """

    def __init__(self, table: KeyTable, data_keys: DataKeys, encryption: KeyEncryption) -> None:
        self._table, self._data_keys, self._encryption = table, data_keys, encryption

    async def rotate(self, progress: Progress = silent) -> None:
        """Rotate all keys.

        Args:
            progress: called with the number of pages done, and of all.

        Raises:
            StoreUnavailable, KeyUnavailable: the table or the key service does not answer; repeat it.
            KeyWrong: the key-encryption key is missing.
        """
        header = await self._data_keys.header(fresh=True)
        if len(header.generations) > MOST:
            header = await self._to_newest(header, progress)
        stale = await self._renewed(header)
        header = await self._change(lambda header: self._with_new_generation(header, stale))
        await self._to_newest(header, progress)
        await self._destroy_retired()

    async def destroy_partition(self, partition: int) -> None:
        """Destroy a partition's data keys: its templates cannot be opened any more, here.

        Copies of the key table made before can still open them until the next rotation.

        Raises:
            StoreUnavailable: the table does not answer.
        """

        async def without(header: Header) -> Header:
            return replace(header, generations=tuple(_without(each, partition) for each in header.generations))

        await self._change(without)
        self._data_keys.forget()

    async def _to_newest(self, header: Header, progress: Progress) -> Header:
        """Rewrite all pages under the newest data keys, and drop the others."""
        number = header.generations[-1].number
        await self._table.rewrap(_to_generation(number, await self._all_keys(header)), progress)
        return await self._change(lambda header: _from_generation(header, number))

    async def _renewed(self, header: Header) -> set[str]:
        """Have a current key that wraps nothing yet, and return the one before it if it is to be destroyed.

        A current key that wraps nothing was made by a rotation that was interrupted. But if another one is prepared,
        the key file is a copy from before a rotation, and its current key was destroyed elsewhere.
        """
        current = await self._encryption.current()
        if current not in header.key_ids and not await self._encryption.is_prepared():
            return set()
        await self._encryption.renew()
        return {current} - header.key_ids

    async def _destroy_retired(self) -> None:
        header = await self._data_keys.header()
        done = set(header.retired) - header.key_ids - {await self._encryption.current()}
        for key_id in sorted(done):
            await self._encryption.destroy(key_id)

        async def without(header: Header) -> Header:
            return replace(header, retired=tuple(each for each in header.retired if each not in done))

        await self._change(without)

    async def _with_new_generation(self, header: Header, stale: set[str]) -> Header:
        latest = header.generations[-1]
        made = await new_generation(latest.number + 1, header.store_id, len(latest.wrapped), self._encryption)
        for partition, (key_id, _) in enumerate(latest.wrapped):
            if not key_id:
                made = _without(made, partition)
        retired = tuple(sorted({*header.retired, *stale}))
        return replace(header, generations=(*header.generations, made), retired=retired)

    async def _all_keys(self, header: Header) -> dict[tuple[int, int], bytes]:
        keys = {}
        for generation in header.generations:
            for partition in range(len(generation.wrapped)):
                if key := await self._data_keys.key(partition, generation.number):
                    keys[partition, generation.number] = key
        return keys

    async def _change(self, change: Callable[[Header], Awaitable[Header]]) -> Header:
        """Replace the header by what `change` makes of it, again if another process was faster."""
        while True:
            header = await self._data_keys.header(fresh=True)
            if await self._table.put_header((await change(header)).packed, header.packed):
                return await self._data_keys.header(fresh=True)


def _to_generation(number: int, keys: dict[tuple[int, int], bytes]) -> Rewrap:
    """A change of pages of older generations; a later one is left, as another rotation made it.

    The keys of a partition whose data key was destroyed are overwritten.
    """

    def change(page: bytes) -> bytes | None:
        head = PageHead.of(page)
        if head is None or head.generation >= number:
            return None
        old, new = keys.get((head.partition, head.generation)), keys.get((head.partition, number))
        if new is None:
            return destroyed_page(head.partition, number)
        return rewrapped(page, head, old, number, new) if old else None

    return change


async def _from_generation(header: Header, number: int) -> Header:
    """Without the generations before this one; the keys that wrapped them are retired."""
    kept = replace(header, generations=tuple(each for each in header.generations if each.number >= number))
    retired = sorted({*header.retired, *(header.key_ids - kept.key_ids)})
    return replace(kept, retired=tuple(retired))


def _without(generation: Generation, partition: int) -> Generation:
    wrapped = (*generation.wrapped[:partition], ("", b""), *generation.wrapped[partition + 1 :])
    return replace(generation, wrapped=wrapped)
