"""gallery.sealing.key_table_file: keys are readable or destroyed as acknowledged, whatever interrupts a change."""

from __future__ import annotations

import asyncio
import os
import random
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from biometrics.errors import StoreUnavailable
from gallery.sealing.key_table import HEAD, KEY_BYTES, PAGE_BYTES, KeyRef
from gallery.sealing.key_table_file import FIRST_PAGE, KeyTableFile
from tests.support.stores.key_table_process import PARTITION, page, refilled

HEADER = b"header" * 100


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the table is."""
    return tmp_path / "store.keys"


async def made(path: Path, *fills: int) -> KeyTableFile:
    """A table with a header and one page of each of these bytes."""
    table = KeyTableFile(path)
    assert await table.put_header(HEADER, b"")
    assert list(range(len(fills))) == await table.add_pages([page(each) for each in fills])
    return table


def read(file: Path) -> bytes:
    """The bytes of a file."""
    return file.read_bytes()


def write(file: Path, content: bytes) -> None:
    """Replace the bytes of a file."""
    file.write_bytes(content)


def modes(folder: Path) -> dict[str, int]:
    """Names of the files in a folder, and their permissions."""
    return {each.name: stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()}


def key(page_bytes: bytes, slot: int) -> bytes:
    """One key of a page."""
    return page_bytes[HEAD.size + KEY_BYTES * slot :][:KEY_BYTES]


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


async def test_a_torn_page_is_no_page(path: Path) -> None:
    """Part of a page at the end, as a crash leaves it, is not read, and the next page takes its place."""
    table = await made(path, 1)
    write(path, read(path) + page(9)[: PAGE_BYTES // 2])
    assert {0: page(1)} == await table.pages(PARTITION, [0, 1])
    assert [1] == await table.add_pages([page(2)])
    assert {1: page(2)} == await table.pages(PARTITION, [1])
    await table.close()


async def test_an_older_copy_of_the_file_is_used_when_it_is_put_in_place(path: Path) -> None:
    """Pages that it lacks are not found, and destroying their keys is no error."""
    table = await made(path, 1)
    copy = read(path)
    await table.add_pages([page(2)])
    write(path.with_name("copy"), copy)
    os.replace(path.with_name("copy"), path)  # noqa: PTH105
    assert {0: page(1)} == await table.pages(PARTITION, [0, 1])
    await table.destroy(PARTITION, [KeyRef(1, 0)])
    assert copy == read(path)
    await table.close()


@pytest.mark.parametrize("length", [0, 5, 12, 100, FIRST_PAGE - 1])
async def test_a_truncated_file_is_a_clear_error(path: Path, length: int) -> None:
    """Nothing is read from it or written to it."""
    table = await made(path, 1)
    os.truncate(path, length)
    await refused(table)
    assert length == len(read(path))
    await table.close()


async def test_a_foreign_file_is_a_clear_error(path: Path) -> None:
    """Nothing is read from it or written to it."""
    write(path, b"SQLite format 3\0" * (FIRST_PAGE // 8))
    before = read(path)
    table = KeyTableFile(path)
    await refused(table)
    assert before == read(path)
    await table.close()


async def refused(table: KeyTableFile) -> None:
    """Every method says that the table must be restored."""
    for call in (
        table.header(),
        table.put_header(b"new", HEADER),
        table.put_header(b"new", b""),
        table.add_pages([page(1)]),
        table.pages(PARTITION, [0]),
        table.destroy(PARTITION, [KeyRef(0, 0)]),
        table.rewrap(lambda old: old, lambda *_: None),
    ):
        with pytest.raises(StoreUnavailable, match="Restore the key table"):
            await call


async def test_any_flipped_bit_of_the_header_is_a_clear_error(path: Path) -> None:
    """Of 200 single flipped bits in the header, its length and its hash, each is noticed."""
    table = await made(path, 1)
    whole, rng = read(path), random.Random(3)
    for _ in range(200):
        place, bit = rng.randrange(28 + len(HEADER)), 1 << rng.randrange(8)
        write(path, whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :])
        with pytest.raises(StoreUnavailable, match="Restore the key table"):
            await table.header()
    await table.close()


async def test_a_header_that_does_not_fit_is_refused(path: Path) -> None:
    """A header beyond the place that it has is an error, and the table stays as it was."""
    table = await made(path, 1)
    with pytest.raises(StoreUnavailable, match="is the limit"):
        await table.put_header(bytes(FIRST_PAGE), HEADER)
    assert (HEADER, {0: page(1)}) == (await table.header(), await table.pages(PARTITION, [0]))
    await table.close()


async def test_a_folder_that_cannot_be_used_is_unavailable(tmp_path: Path) -> None:
    """A path below a file is an error that names the table, and so is a table that is closed."""
    (tmp_path / "file").write_text("")
    table = KeyTableFile(tmp_path / "file" / "store.keys")
    with pytest.raises(StoreUnavailable, match=r"store\.keys"):
        await table.put_header(HEADER, b"")
    await table.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        await table.header()


def changed_until_killed(path: Path, seed: int, lines: int) -> list[list[str]]:
    """The changes that a process had done when it was killed, after it had printed `lines` lines."""
    command = [sys.executable, "-m", "tests.support.stores.key_table_process", str(path), str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as changing:
        assert changing.stdout is not None
        said = [changing.stdout.readline() for _ in range(lines)]
        changing.kill()
        said += changing.stdout.readlines()
    return [line.split() for line in said if line.endswith("\n")]


@pytest.mark.parametrize("seed", range(8))
async def test_a_killed_process_leaves_every_key_as_it_was_acknowledged(path: Path, seed: int) -> None:
    """Pages added are there, keys destroyed are zero, others have their page's old or new content, in one file."""
    said = await asyncio.to_thread(changed_until_killed, path, seed, 5 + 13 * seed)
    table = KeyTableFile(path)
    fills: dict[int, set[int]] = {}
    destroyed = {(int(words[1]), int(words[2])) for words in said if words[0] == "destroyed"}
    for what, *words in said:
        if what == "page":
            fills[int(words[0])] = {int(words[1])}
        if what in ("rewriting", "rewritten"):
            fills = {number: {int(words[0])} | (own if what == "rewriting" else set()) for number, own in fills.items()}
    found = await table.pages(PARTITION, list(fills))
    assert set(fills) == set(found)
    unknown = 0
    for number, content in found.items():
        for slot in range(256):
            own = key(content, slot)
            if (number, slot) in destroyed:
                assert not any(own)
            elif not any(own):
                unknown += 1  # destroyed, and killed before it was said
            else:
                assert {own[0]} == set(own)
                assert own[0] in fills[number]
    assert unknown <= 1
    assert (await table.header()).startswith(b"header-")
    await table.add_pages([page(1)])
    assert {"store.keys", "store.keys.lock"} == set(modes(path.parent))
    await table.close()
