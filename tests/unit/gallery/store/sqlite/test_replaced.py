"""gallery.store.sqlite.backend: the file is replaced by another while it is open."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from gallery.store.backend import Outcome
from gallery.store.sqlite.backend import SqliteBackend
from tests.support.stores.backend_writes import put

OpenBackend = Callable[..., SqliteBackend]


def moved(path: Path, to: Path) -> None:
    """Put a file in the place of another, without its logs."""
    for end in ("-wal", "-shm"):
        to.with_name(to.name + end).unlink(missing_ok=True)
    path.replace(to)


async def test_another_store_in_its_place_is_noticed(open_backend: OpenBackend, tmp_path: Path) -> None:
    """A write that was planned for the old store changes nothing in the new one, whose identity is then known."""
    other = SqliteBackend(tmp_path / "other.db")
    theirs = await other.identity()
    await other.close()
    backend = open_backend()
    ours = await backend.identity()
    await backend.write(put(ours, "anna"))
    moved(tmp_path / "other.db", tmp_path / "store.db")
    assert Outcome.REPLACED is (await backend.write(put(ours, "ben"))).outcome
    assert theirs == await backend.identity() != ours
    assert ([], [None]) == (await backend.ids("", 9, ""), await backend.read([ours.key("anna")], [], encounters=False))
    assert Outcome.WRITTEN is (await backend.write(put(theirs, "ben"))).outcome


async def test_a_backup_of_the_same_store_is_used(open_backend: OpenBackend, tmp_path: Path) -> None:
    """After a backup was put in place, reads and writes see its content."""
    backend = open_backend()
    identity = await backend.identity()
    await backend.write(put(identity, "anna"))
    copy = sqlite3.connect(tmp_path / "copy.db")
    source = sqlite3.connect(tmp_path / "store.db")
    source.backup(copy)
    copy.close()
    source.close()
    await backend.write(put(identity, "ben"))
    moved(tmp_path / "copy.db", tmp_path / "store.db")
    assert ["anna"] == await backend.ids("", 9, "")
    assert Outcome.WRITTEN is (await backend.write(put(identity, "carl"))).outcome
    assert ["anna", "carl"] == await backend.ids("", 9, "")
