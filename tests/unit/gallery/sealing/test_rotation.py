from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from biometrics.errors import KeyWrong, StoreUnavailable
from gallery.progress import Progress
from gallery.sealing.data_keys import DataKeys
from gallery.sealing.header import Header
from gallery.sealing.key_table import KeyRef, Rewrap
from gallery.sealing.rotation import Rotation
from gallery.sealing.subject_keys import SubjectKeys
from tests.support.fakes.memory_keys import MemoryKey, MemoryKeyTable

STORE, COUNT = "0a1b2c3d", 4
Taken = list[tuple[int, KeyRef, bytes]]


@dataclass
class FailingTable(MemoryKeyTable):
    """A key table that fails, or is used by others, at the given step of a rotation."""

    fail_at: str = ""
    meanwhile: list[Callable[[], None]] = field(default_factory=list)

    async def put_header(self, new: bytes, expected: bytes) -> bool:
        """See KeyTable."""
        generations = len(Header.unpack(new).generations)
        if self.fail_at == f"header of {generations}" and expected:
            raise StoreUnavailable("Down.")
        return await super().put_header(new, expected)

    async def rewrap(self, change: Rewrap, progress: Progress) -> None:
        """See KeyTable."""
        if self.fail_at == "half of the pages":
            self.kept[0] = change(self.kept[0]) or self.kept[0]
            raise StoreUnavailable("Down.")
        await super().rewrap(change, progress)


@dataclass
class FailingKey(MemoryKey):
    """A key-encryption key that fails when an old one is to be destroyed."""

    fails: bool = False

    async def destroy(self, key_id: str) -> None:
        """See KeyEncryption."""
        if self.fails:
            raise StoreUnavailable("Down.")
        await super().destroy(key_id)


def keys_of(table: MemoryKeyTable, encryption: MemoryKey) -> SubjectKeys:
    """The keys as another process would open them."""
    return SubjectKeys(table, DataKeys(table, encryption, STORE, COUNT))


def rotation_of(table: MemoryKeyTable, encryption: MemoryKey) -> Rotation:
    """A rotation in another process."""
    return Rotation(table, DataKeys(table, encryption, STORE, COUNT), encryption)


async def taken(table: MemoryKeyTable, encryption: MemoryKey) -> Taken:
    """A key in each partition."""
    keys = keys_of(table, encryption)
    return [(partition, *await keys.take(partition)) for partition in range(COUNT)]


async def require_all(found: Taken, table: MemoryKeyTable, encryption: MemoryKey) -> None:
    """Every key is found again."""
    keys = keys_of(table, encryption)
    for partition, ref, key in found:
        assert [key] == await keys.find(partition, [ref])


async def test_all_keys_are_found_after_a_rotation_and_old_copies_are_not_opened() -> None:
    """A copy of the table from before a rotation cannot be opened with what is left, and the table can."""
    table, encryption, told = MemoryKeyTable(), MemoryKey(), list[tuple[int, int]]()
    found = await taken(table, encryption)
    copy = MemoryKeyTable(table.content, list(table.kept))
    await rotation_of(table, encryption).rotate(lambda done, pages: told.append((done, pages)))
    await require_all(found, table, encryption)
    assert ["k2"] == encryption.ids
    assert (COUNT, COUNT) == told[-1]
    with pytest.raises(KeyWrong):
        await require_all(found, copy, encryption)


async def test_a_key_destroyed_before_a_rotation_stays_destroyed() -> None:
    """The new pages do not have it."""
    table, encryption = MemoryKeyTable(), MemoryKey()
    found = await taken(table, encryption)
    await keys_of(table, encryption).destroy(0, [found[0][1]])
    await rotation_of(table, encryption).rotate()
    assert [None] == await keys_of(table, encryption).find(0, [found[0][1]])
    await require_all(found[1:], table, encryption)


@pytest.mark.parametrize("fail_at", ["header of 2", "half of the pages", "header of 1", "destroying"])
async def test_an_interrupted_rotation_is_completed_by_the_next(fail_at: str) -> None:
    """Wherever a rotation fails, every key is found, and after the next one no other key-encryption key is left."""
    table, encryption = FailingTable(), FailingKey()
    found = await taken(table, encryption)
    table.fail_at, encryption.fails = fail_at, fail_at == "destroying"
    with pytest.raises(StoreUnavailable):
        await rotation_of(table, encryption).rotate()
    table.fail_at, encryption.fails = "", False
    await require_all(found, table, encryption)
    await rotation_of(table, encryption).rotate()
    await require_all(found, table, encryption)
    header = Header.unpack(table.content)
    assert (1, (), {encryption.ids[-1]}) == (len(header.generations), header.retired, header.key_ids)
    assert 1 == len(encryption.ids)
    assert "k1" not in encryption.ids


async def test_interrupted_rotations_leave_no_more_data_keys_each_time() -> None:
    """However often rotations are interrupted, the header holds three generations at most, so that it always fits."""
    table, encryption = FailingTable(), FailingKey()
    found = await taken(table, encryption)
    for _ in range(6):
        for fail_at in ("half of the pages", "header of 1", "header of 2"):
            table.fail_at = fail_at
            with pytest.raises(StoreUnavailable):
                await rotation_of(table, encryption).rotate()
            assert len(Header.unpack(table.content).generations) <= 3
    table.fail_at = ""
    await rotation_of(table, encryption).rotate()
    await require_all(found, table, encryption)
    assert (1, 1) == (len(Header.unpack(table.content).generations), len(encryption.ids))


@dataclass
class OvertakenTable(MemoryKeyTable):
    """A table in which another rotation begins before the pages are rewritten, and is interrupted there."""

    encryption: MemoryKey = field(default_factory=MemoryKey)
    overtaken: bool = False

    async def rewrap(self, change: Rewrap, progress: Progress) -> None:
        """See KeyTable."""
        if not self.overtaken:
            self.overtaken = True
            other = FailingTable(self.content, self.kept, fail_at="half of the pages")
            with pytest.raises(StoreUnavailable):
                await rotation_of(other, self.encryption).rotate()
            self.content = other.content
        await super().rewrap(change, progress)


async def test_two_rotations_at_a_time_lose_no_key() -> None:
    """A rotation leaves the pages and data keys of a later one that has not ended."""
    table = OvertakenTable()
    found = await taken(table, table.encryption)
    await rotation_of(table, table.encryption).rotate()
    await require_all(found, table, table.encryption)
    await rotation_of(table, table.encryption).rotate()
    await require_all(found, table, table.encryption)
    assert 1 == len(Header.unpack(table.content).generations)


async def test_a_destroyed_partition_stays_destroyed() -> None:
    """The subjects of a destroyed partition are gone, also after a rotation; the others are not touched."""
    table, encryption = MemoryKeyTable(), MemoryKey()
    found = await taken(table, encryption)
    await rotation_of(table, encryption).destroy_partition(1)
    for _ in range(2):
        keys = keys_of(table, encryption)
        assert [None] == await keys.find(1, [found[1][1]])
        with pytest.raises(KeyWrong, match="nothing can be enrolled"):
            await keys.take(1)
        await require_all([found[0], *found[2:]], table, encryption)
        await rotation_of(table, encryption).rotate()
