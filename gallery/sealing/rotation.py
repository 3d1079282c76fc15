"""Rotation and destruction of keys: what makes old copies of the key table, and whole partitions, unreadable.

A rotation leaves every template as it is. It makes

1. a new key-encryption key, and new data keys wrapped under it, beside the present ones;
2. every page of the key table anew, under the new data keys;
3. a header with the new data keys only, and then destroys the old key-encryption keys.

From then on nobody can open an older copy of the key table, and so no template whose key was destroyed before. It can run
while people are enrolled, found and erased; if it is interrupted, the next one completes it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from gallery.sealing.data_keys import DataKeys, Generation, Header, new_generation, rewrapped
from gallery.sealing.key_encryption import KeyEncryption
from gallery.sealing.key_table import KeyTable, PageHead

Progress = Callable[[int, int], None]


class Rotation:
    """Rotates or destroys the keys of one store.

    Args:
        table: the key table.
        data_keys: of the same store.
        encryption: wraps the data keys.
    """

    def __init__(self, table: KeyTable, data_keys: DataKeys, encryption: KeyEncryption) -> None:
        self._table, self._data_keys, self._encryption = table, data_keys, encryption

    async def rotate(self, progress: Progress = lambda done, pages: None) -> None:
        """Rotate all keys.

        Raises:
            StoreUnavailable, KeyUnavailable: the table or the key service does not answer; repeat it.
            KeyWrong: the key-encryption key is missing.
        """
        before = await self._data_keys.header(fresh=True)
        old_ids = {key_id for each in before.generations for key_id, _ in each.wrapped if key_id}
        await self._encryption.renew()
        newest = await self._change(self._with_new_generation)
        number = newest.generations[-1].number
        keys = await self._all_keys(newest)

        def change(page: bytes) -> bytes | None:
            head = PageHead.of(page)
            if head is None or head.generation == number:
                return None
            old, new = keys.get((head.partition, head.generation)), keys.get((head.partition, number))
            return rewrapped(page, head, old, number, new) if old and new else None

        await self._table.rewrap(change, progress)
        await self._change(_only_newest)
        in_use = {key_id for each in (await self._data_keys.header()).generations for key_id, _ in each.wrapped}
        for key_id in old_ids - in_use - {await self._encryption.current()}:
            await self._encryption.destroy(key_id)

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

    async def _with_new_generation(self, header: Header) -> Header:
        latest = header.generations[-1]
        made = await new_generation(latest.number + 1, header.store_id, len(latest.wrapped), self._encryption)
        for partition, (key_id, _) in enumerate(latest.wrapped):
            if not key_id:
                made = _without(made, partition)
        return replace(header, generations=(*header.generations, made))

    async def _all_keys(self, header: Header) -> dict[tuple[int, int], bytes]:
        keys = {}
        for generation in header.generations:
            for partition in range(len(generation.wrapped)):
                key = await self._data_keys.key(partition, generation.number)
                if key is not None:
                    keys[partition, generation.number] = key
        return keys

    async def _change(self, change: Callable[[Header], Awaitable[Header]]) -> Header:
        """Replace the header by what `change` makes of it, again if another process was faster."""
        while True:
            header = await self._data_keys.header(fresh=True)
            if await self._table.put_header((await change(header)).packed, header.packed):
                return await self._data_keys.header(fresh=True)


async def _only_newest(header: Header) -> Header:
    return replace(header, generations=header.generations[-1:])


def _without(generation: Generation, partition: int) -> Generation:
    wrapped = (*generation.wrapped[:partition], ("", b""), *generation.wrapped[partition + 1 :])
    return replace(generation, wrapped=wrapped)
