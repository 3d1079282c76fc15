"""gallery.sealing.key_table_file: pages and keys, by several writers and readers, and what a replacement leaves."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from gallery.sealing.key_table import HEAD, KEY_BYTES, PAGE_BYTES, KeyRef
from gallery.sealing.key_table_file import FIRST_PAGE, KeyTableFile
from tests.support.stores.key_table_files import HEADER, key, made, modes, read, write
from tests.support.stores.key_table_process import PARTITION, page, refilled


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the table is."""
    return tmp_path / "store.keys"


async def test_a_new_table_is_empty(path: Path) -> None:
    """There is no header and no page, and reading makes no file."""
    table = KeyTableFile(path)
    assert (b"", {}) == (await table.header(), await table.pages(PARTITION, [0, 1]))
    assert not modes(path.parent)
    await table.close()


async def test_pages_are_read_back_by_number(path: Path) -> None:
    """Pages added by one object are read by another, those that do not exist, or of another partition, are left out."""
    await (await made(path, 1, 2)).close()
    table = KeyTableFile(path)
    assert [2] == await table.add_pages([page(3)])
    assert {0: page(1), 2: page(3)} == await table.pages(PARTITION, [0, 2, 3, 10**9])
    assert {} == await table.pages(PARTITION + 1, [0, 2])
    assert HEADER == await table.header()
    await table.close()


async def test_a_destroyed_key_is_zero_and_no_other_byte_changes(path: Path) -> None:
    """32 bytes of the file are overwritten; destroying a key again, or one that is not there, changes nothing."""
    table = await made(path, 1, 2)
    before = read(path)
    place = FIRST_PAGE + PAGE_BYTES + HEAD.size + 255 * KEY_BYTES
    wanted = before[:place] + bytes(KEY_BYTES) + before[place + KEY_BYTES :]
    for _ in range(2):
        await table.destroy(PARTITION, [KeyRef(1, 255), KeyRef(7, 0)])
        assert wanted == read(path)
    await table.destroy(PARTITION + 1, [KeyRef(0, 0)])
    assert wanted == read(path)
    await table.close()


async def test_a_header_is_replaced_only_if_it_is_the_expected_one(path: Path) -> None:
    """Of eight writers that expect the same header one succeeds, and the pages stay."""
    await (await made(path, 1)).close()
    tables = [KeyTableFile(path) for _ in range(8)]
    put = await asyncio.gather(*(each.put_header(f"h{n}".encode(), HEADER) for n, each in enumerate(tables)))
    assert 1 == sum(put)
    assert f"h{put.index(True)}".encode() == await tables[0].header()
    assert {0: page(1)} == await tables[0].pages(PARTITION, [0])
    for each in tables:
        await each.close()


async def test_pages_of_several_writers_do_not_overlap(path: Path) -> None:
    """40 additions by four objects get numbers of their own, and each page is where its number says."""
    await (await made(path)).close()
    tables = [KeyTableFile(path) for _ in range(4)]
    numbers = await asyncio.gather(*(tables[n % 4].add_pages([page(n + 1)]) for n in range(40)))
    assert list(range(40)) == sorted(number for (number,) in numbers)
    found = await tables[0].pages(PARTITION, range(40))
    assert all(page(n + 1) == found[number] for n, (number,) in enumerate(numbers))
    for each in tables:
        await each.close()


async def test_a_rewriting_keeps_destroyed_keys_and_reports_progress(path: Path) -> None:
    """Every page is changed, and those left as they are by the change stay."""
    table = await made(path, 1, 2)
    await table.destroy(PARTITION, [KeyRef(0, 9)])
    seen: list[tuple[int, int]] = []
    await table.rewrap(lambda old: refilled(old, 7) if key(old, 0)[0] == 1 else None, lambda *done: seen.append(done))
    found = await table.pages(PARTITION, [0, 1])
    assert (bytes(KEY_BYTES), bytes([7]) * KEY_BYTES, page(2)) == (key(found[0], 9), key(found[0], 8), found[1])
    assert [(2, 2)] == seen
    await table.close()


async def test_a_reader_sees_each_page_old_or_new_while_it_is_rewritten(path: Path) -> None:
    """Reads during 20 rewritings return whole pages only."""
    table, other = await made(path, *[1] * 20), KeyTableFile(path)

    async def rewrite() -> None:
        for fill in range(2, 22):
            await other.rewrap(lambda old, fill=fill: refilled(old, fill), lambda *_: None)

    rewriting = asyncio.create_task(rewrite())
    while not rewriting.done():
        found = await table.pages(PARTITION, range(20))
        assert list(range(20)) == list(found)
        assert 1 == len(set(found.values()))
        assert found[0] == page(found[0][-1])
    await rewriting
    await table.close()
    await other.close()


async def test_nothing_of_the_replaced_file_is_left(path: Path, tmp_path: Path) -> None:
    """The old file's bytes are overwritten, also through a link that somebody made, and only the lock is beside it."""
    table = await made(path, 1)
    link = tmp_path / "link"
    os.link(path, link)
    await table.rewrap(lambda old: refilled(old, 2), lambda *_: None)
    assert len(read(link)) == FIRST_PAGE + PAGE_BYTES
    assert not any(read(link))
    assert {"store.keys": 0o600, "store.keys.lock": 0o600, "link": 0o600} == modes(tmp_path)
    await table.close()


@pytest.mark.parametrize("name", ["store.keys.part", "store.keys.old"])
async def test_what_an_interrupted_replacement_left_is_removed(path: Path, tmp_path: Path, name: str) -> None:
    """A copy of keys beside the table is overwritten and removed before the next key is destroyed."""
    table = await made(path, 1)
    left, link = tmp_path / name, tmp_path / "link"
    write(left, read(path))
    os.link(left, link)
    await table.destroy(PARTITION, [KeyRef(0, 0)])
    assert name not in modes(tmp_path)
    assert not any(read(link))
    await table.close()


async def test_a_link_to_the_table_itself_is_removed_and_not_overwritten(path: Path, tmp_path: Path) -> None:
    """If the replacement was interrupted before the file was replaced, its keys stay."""
    table = await made(path, 1)
    os.link(path, tmp_path / "store.keys.old")
    await table.destroy(PARTITION, [KeyRef(0, 0)])
    assert "store.keys.old" not in modes(tmp_path)
    assert bytes([1]) * KEY_BYTES == key((await table.pages(PARTITION, [0]))[0], 1)
    await table.close()
