"""Key tables in files, and the bytes of these files, for tests."""

from __future__ import annotations

import stat
from pathlib import Path

from gallery.sealing.key_table import HEAD, KEY_BYTES
from gallery.sealing.key_table_file import KeyTableFile
from tests.support.stores.key_table_process import page

HEADER = b"header" * 100


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
