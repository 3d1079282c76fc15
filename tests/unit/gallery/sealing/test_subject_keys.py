from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest

from biometrics.errors import KeyWrong
from gallery.sealing.data_keys import DataKeys
from gallery.sealing.key_table import KEYS, KeyRef
from gallery.sealing.rotation import Rotation
from gallery.sealing.subject_keys import CACHED_S, VERIFIED_S, SubjectKeys
from tests.support.fakes.memory_keys import MemoryKey, MemoryKeyTable

STORE, COUNT = "0a1b2c3d", 4


@dataclass
class Clock:
    """Stands still unless it is set."""

    now: float = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


def opened(table: MemoryKeyTable, encryption: MemoryKey, clock: Clock | None = None) -> SubjectKeys:
    """The keys as another process would open them."""
    return SubjectKeys(table, DataKeys(table, encryption, STORE, COUNT), clock or Clock())


async def test_every_subject_gets_its_own_key() -> None:
    """Keys that are taken concurrently, over several pages, differ, and any process finds them again."""
    table, encryption = MemoryKeyTable(), MemoryKey()
    keys = opened(table, encryption)
    taken = await asyncio.gather(*(keys.take(number % 2) for number in range(3 * KEYS)))
    assert 3 * KEYS == len({key for _, key in taken})
    for partition in range(2):
        own = taken[partition::2]
        assert [key for _, key in own] == await opened(table, encryption).find(partition, [ref for ref, _ in own])
        assert all(ref.is_of(key) for ref, key in own)


async def test_a_key_that_was_not_used_is_taken_next() -> None:
    """A key that is given back is not lost."""
    keys = opened(MemoryKeyTable(), MemoryKey())
    taken = await keys.take(0)
    keys.give_back(0, *taken)
    assert taken == await keys.take(0)


async def test_a_destroyed_partition_does_not_stop_the_others() -> None:
    """After a key was asked for in a partition whose data key was destroyed, the others still give keys."""
    table, encryption = MemoryKeyTable(), MemoryKey()
    data_keys = DataKeys(table, encryption, STORE, COUNT)
    await Rotation(table, data_keys, encryption).destroy_partition(0)
    keys = SubjectKeys(table, data_keys, Clock())
    with pytest.raises(KeyWrong):
        await keys.take(0)
    ref, key = await keys.take(1)
    assert [key] == await keys.find(1, [ref])
    with pytest.raises(KeyWrong):
        await keys.take(0)


async def test_a_destroyed_key_is_told_from_a_missing_page() -> None:
    """None stands for a destroyed key; b"" for a page that is not there, or is one of another partition."""
    keys = opened(MemoryKeyTable(), MemoryKey())
    (ref, _), (other, key) = await keys.take(0), await keys.take(0)
    await keys.destroy(0, [ref])
    assert [None, key, b""] == await keys.find(0, [ref, other, KeyRef(99, 0)])
    assert [b""] == await keys.find(1, [other])
    await keys.destroy(0, [ref, KeyRef(99, 0)])


async def test_another_process_finds_a_key_destroyed_in_time() -> None:
    """Keys in memory are read again after 5 s."""
    table, encryption, clock = MemoryKeyTable(), MemoryKey(), Clock()
    keys, other = opened(table, encryption), opened(table, encryption, clock)
    ref, key = await keys.take(0)
    assert [key] == await other.find(0, [ref])
    await keys.destroy(0, [ref])
    clock.now = CACHED_S + 0.1
    assert [None] == await other.find(0, [ref])


async def test_another_process_finds_a_partition_destroyed_in_time() -> None:
    """Keys of a partition whose data key another process destroys are soon not taken, and a little later not found."""
    table, encryption, clock = MemoryKeyTable(), MemoryKey(), Clock()
    keys, data_keys = opened(table, encryption, clock), DataKeys(table, encryption, STORE, COUNT)
    ref, key = await keys.take(1)
    assert [key] == await keys.find(1, [ref])
    await Rotation(table, data_keys, encryption).destroy_partition(1)
    clock.now = VERIFIED_S
    with pytest.raises(KeyWrong, match="nothing can be enrolled"):
        await keys.take(1)
    await keys.take(0)
    clock.now = CACHED_S + 0.1
    assert [None] == await keys.find(1, [ref])


async def test_the_key_of_another_subject_is_not_destroyed() -> None:
    """After an older key table was restored, another key is in the place of a lost one: it is not taken for it."""
    table, encryption = MemoryKeyTable(), MemoryKey()
    before, (ref, _) = opened(table, encryption), await opened(table, encryption).take(0)
    table.kept.clear()
    after = opened(table, encryption)
    new_ref, new_key = await after.take(0)
    assert (ref.page, ref.slot) == (new_ref.page, new_ref.slot)
    assert b"" == await before.find_own(0, ref)
    await before.destroy(0, [ref])
    assert new_key == await opened(table, encryption).find_own(0, new_ref)


async def test_unused_keys_that_the_table_has_lost_are_not_taken() -> None:
    """After an older key table was restored, keys of a page that it does not have are dropped within 0.25 s."""
    table, encryption, clock = MemoryKeyTable(), MemoryKey(), Clock()
    keys = opened(table, encryption, clock)
    await keys.take(0)
    table.kept.clear()
    clock.now = VERIFIED_S
    ref, key = await keys.take(0)
    assert [key] == await opened(table, encryption).find(0, [ref])


async def test_no_key_counts_as_destroyed_if_the_table_is_missing() -> None:
    """Destroying keys is refused, so that it is tried again when the table is back."""
    table, encryption = MemoryKeyTable(), MemoryKey()
    keys = opened(table, encryption)
    ref, _ = await keys.take(0)
    table.content = b""
    with pytest.raises(KeyWrong, match="missing"):
        await keys.destroy(0, [ref])


async def test_keys_of_a_missing_table_are_an_error() -> None:
    """Without its table no subject of a store is damaged: readers are told that the table is missing."""
    table, encryption = MemoryKeyTable(), MemoryKey()
    ref, _ = await opened(table, encryption).take(0)
    keys = opened(table, encryption)
    table.content, table.kept = b"", []
    with pytest.raises(KeyWrong, match="missing"):
        await keys.find(0, [ref])


async def test_keys_held_through_a_rotation_stay_good() -> None:
    """A process that holds unused keys of a page when a rotation ends can use them: they are in the new page too."""
    table, encryption = MemoryKeyTable(), MemoryKey()
    keys = opened(table, encryption)
    await keys.take(0)
    await Rotation(table, DataKeys(table, encryption, STORE, COUNT), encryption).rotate()
    ref, key = await keys.take(0)
    assert [key] == await keys.find(0, [ref]) == await opened(table, encryption).find(0, [ref])


@dataclass
class RotatedMeanwhile(MemoryKeyTable):
    """A table whose keys are rotated once, between two of a process's own steps."""

    step: str = ""

    async def add_pages(self, pages: Sequence[bytes]) -> list[int]:
        """See KeyTable."""
        if self.step == "before pages are added":
            await self.rotate()
        numbers = await super().add_pages(pages)
        if self.step == "after pages were added":
            await self.rotate()
        return numbers

    async def pages(self, partition: int, numbers: Sequence[int]) -> Mapping[int, bytes]:
        """See KeyTable."""
        found = await super().pages(partition, numbers)
        if self.step == "after a page was read":
            await self.rotate()
        return found

    async def rotate(self) -> None:
        """Rotate all keys, as another process would."""
        self.step = ""
        encryption = ENCRYPTION
        await Rotation(self, DataKeys(self, encryption, STORE, COUNT), encryption).rotate()


ENCRYPTION = MemoryKey()


async def test_no_key_is_lost_by_a_rotation_while_pages_are_added() -> None:
    """A page under a data key that a rotation has dropped is not used; one that the rotation saw may be."""
    for step in ("before pages are added", "after pages were added"):
        table = RotatedMeanwhile(step=step)
        keys = opened(table, ENCRYPTION)
        ref, key = await keys.take(0)
        assert not table.step
        assert [key] == await opened(table, ENCRYPTION).find(0, [ref])


async def test_a_page_read_before_a_rotation_ended_is_read_again() -> None:
    """A process that has read a page whose data key is gone meanwhile reads it under the new one."""
    table = RotatedMeanwhile()
    ref, key = await opened(table, ENCRYPTION).take(0)
    table.step = "after a page was read"
    assert [key] == await opened(table, ENCRYPTION).find(0, [ref])
    assert not table.step
