from __future__ import annotations

from secrets import token_bytes

import pytest

from biometrics.errors import ConfigurationInvalid, KeyWrong
from gallery.sealing.data_keys import DESTROYED, DataKeys, keys_of, new_page, rewrapped
from gallery.sealing.key_table import HEAD, KEY_BYTES, PAGE_BYTES, PageHead
from gallery.sealing.rotation import Rotation
from tests.support.fakes.memory_keys import MemoryKey, MemoryKeyTable

STORE = "0a1b2c3d"


def without(page: bytes, slot: int) -> bytes:
    """The page with one key destroyed."""
    at = HEAD.size + KEY_BYTES * slot
    return page[:at] + DESTROYED + page[at + KEY_BYTES :]


def test_a_page_gives_its_keys_back() -> None:
    """A page hides its keys, and its data key gives them back; a destroyed one is gone, the others are not changed."""
    data_key = token_bytes(32)
    keys, page = new_page(3, 1, data_key)
    head = PageHead.of(page)
    assert head is not None
    assert (3, 1, PAGE_BYTES) == (head.partition, head.generation, len(page))
    assert not any(keys[at : at + 32] in page for at in range(0, len(keys), 32))
    assert keys == keys_of(page, head, data_key)
    assert keys[:64] + DESTROYED + keys[96:] == keys_of(without(page, 2), head, data_key)


def test_destroyed_keys_stay_destroyed_when_a_page_is_rewrapped() -> None:
    """A page under a new data key has the same keys, and the same ones destroyed, in bytes that are all different."""
    old, new = token_bytes(32), token_bytes(32)
    keys, page = new_page(3, 1, old)
    head = PageHead.of(page)
    assert head is not None
    changed = rewrapped(without(page, 255), head, old, 2, new)
    new_head = PageHead.of(changed)
    assert new_head is not None
    assert (2, bytes(32)) == (new_head.generation, changed[-32:])
    assert keys[:-32] + DESTROYED == keys_of(changed, new_head, new)
    assert not {page[at : at + 16] for at in range(32, 8000, 16)} & {
        changed[at : at + 16] for at in range(32, 8000, 16)
    }


async def test_a_new_table_gets_data_keys_once() -> None:
    """Whoever comes first makes the data keys; all others use them."""
    table, encryption = MemoryKeyTable(), MemoryKey()
    first, second = (DataKeys(table, encryption, STORE, 4) for _ in range(2))
    found = [await each.newest(partition) for each in (first, second) for partition in range(4)]
    assert found[:4] == found[4:]
    assert 4 == len({key for _, key in found})


async def test_a_missing_table_of_a_store_with_subjects_is_refused() -> None:
    """No new table is made where the keys of subjects are missing."""

    async def may_not() -> bool:
        return False

    table = MemoryKeyTable()
    with pytest.raises(KeyWrong, match="Restore the key table"):
        await DataKeys(table, MemoryKey(), STORE, 4, may_not).newest(0)
    assert b"" == table.content


async def test_a_table_of_another_store_is_refused() -> None:
    """The key table of another store, or of another number of partitions, is not used."""
    table, encryption = MemoryKeyTable(), MemoryKey()
    await DataKeys(table, encryption, STORE, 4).header()
    for other in (DataKeys(table, encryption, "ffffffff", 4), DataKeys(table, encryption, STORE, 8)):
        with pytest.raises(ConfigurationInvalid, match="another store"):
            await other.newest(0)


async def test_another_key_encryption_key_is_refused() -> None:
    """Without the key that wrapped them, data keys cannot be unwrapped."""
    table = MemoryKeyTable()
    await DataKeys(table, MemoryKey(), STORE, 4).header()
    with pytest.raises(KeyWrong):
        await DataKeys(table, MemoryKey(["another"]), STORE, 4).newest(0)


async def test_a_destroyed_data_key_is_told_from_an_unknown_one() -> None:
    """None stands for a destroyed data key, b"" for one of a generation that the table does not have."""
    table, encryption = MemoryKeyTable(), MemoryKey()
    keys = DataKeys(table, encryption, STORE, 4)
    await keys.newest(1)
    await Rotation(table, DataKeys(table, encryption, STORE, 4), encryption).destroy_partition(1)
    keys.forget()
    assert [None, b""] == [await keys.key(1, 1), await keys.key(1, 9)]
    with pytest.raises(KeyWrong, match="partition 1 was destroyed"):
        await keys.newest(1)
    assert await keys.newest(0)


async def test_keys_of_generations_that_are_gone_are_not_kept() -> None:
    """After a rotation a process drops the old data keys when it sees the new header."""
    table, encryption = MemoryKeyTable(), MemoryKey()
    keys = DataKeys(table, encryption, STORE, 2)
    assert await keys.key(0, 1)
    await Rotation(table, DataKeys(table, encryption, STORE, 2), encryption).rotate()
    assert await keys.key(0, 2)
    assert b"" == await keys.key(0, 1)


async def test_a_rotation_by_another_process_is_noticed_when_a_key_is_needed() -> None:
    """Data keys that were not unwrapped before the key that wraps them was destroyed are read from the new header."""
    table, encryption = MemoryKeyTable(), MemoryKey()
    keys = DataKeys(table, encryption, STORE, 2)
    assert await keys.key(0, 1)
    await Rotation(table, DataKeys(table, encryption, STORE, 2), encryption).rotate()
    assert b"" == await keys.key(1, 1)
    number, key = await keys.newest(1)
    assert (2, key) == (number, await DataKeys(table, encryption, STORE, 2).key(1, 2))


async def test_keys_of_a_partition_that_is_destroyed_are_not_kept() -> None:
    """A process that has unwrapped a data key drops it when it sees the header without it."""
    table, encryption = MemoryKeyTable(), MemoryKey()
    keys = DataKeys(table, encryption, STORE, 2)
    assert await keys.key(1, 1)
    await Rotation(table, DataKeys(table, encryption, STORE, 2), encryption).destroy_partition(1)
    await keys.header(fresh=True)
    assert await keys.key(1, 1) is None
