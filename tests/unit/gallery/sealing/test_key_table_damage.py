"""gallery.sealing.key_table_file: damaged files are refused, and a kill leaves every key as it was acknowledged."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from biometrics.errors import StoreUnavailable
from gallery.sealing.key_table import PAGE_BYTES, KeyRef
from gallery.sealing.key_table_file import FIRST_PAGE, KeyTableFile
from tests.support.stores.key_table_files import HEADER, key, made, modes, read, write
from tests.support.stores.key_table_process import PARTITION, page


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the table is."""
    return tmp_path / "store.keys"


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
