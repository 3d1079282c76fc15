"""gallery.store.sqlite.writing.log_cut: after an erasure the write-ahead log is cut, and nobody waits for it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from gallery.store.sqlite.backend import SqliteBackend
from gallery.store.sqlite.writing import log_cut
from tests.support.stores.backend_writes import erasure, put, request

OpenBackend = Callable[..., SqliteBackend]
GUARD_S = 60.0


def log_size(path: Path) -> int:
    """Bytes of the write-ahead log of a file."""
    return path.with_name(path.name + "-wal").stat().st_size


async def cut(path: Path) -> None:
    """Return when the log is cut."""
    async with asyncio.timeout(GUARD_S):
        while log_size(path):  # noqa: ASYNC110  # another thread cuts it
            await asyncio.sleep(0)  # lets other tasks run; no time is waited for


async def test_the_log_is_cut_after_an_erasure(open_backend: OpenBackend, tmp_path: Path) -> None:
    """Neither a subject's erasure nor a model's leaves bytes in the log, and the id is in no file any more."""
    backend = open_backend()
    identity = await backend.identity()
    await backend.write(put(identity, "a-subject-that-must-go"))
    assert log_size(tmp_path / "store.db")
    await backend.write(erasure(identity, "a-subject-that-must-go"))
    await cut(tmp_path / "store.db")
    await backend.put_model("m", "a-model-that-must-go", request())
    await backend.put_model("m", "", request())
    await cut(tmp_path / "store.db")
    for name in ("store.db", "store.db-wal"):
        assert b"that-must-go" not in (tmp_path / name).read_bytes()


async def test_an_erasure_does_not_wait_for_a_reader(
    open_backend: OpenBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is acknowledged while a reader uses the log, and the log is cut when the reader has gone."""
    monkeypatch.setattr(log_cut, "REPEAT_S", 0.0)
    backend = open_backend(busy_timeout_s=GUARD_S)
    identity = await backend.identity()
    await backend.write(put(identity, "anna"))
    reader = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM subjects").fetchone()
    async with asyncio.timeout(GUARD_S / 2):
        await backend.write(erasure(identity, "anna"))
        await backend.write(put(identity, "ben"))
    assert log_size(tmp_path / "store.db")
    assert (1,) == reader.execute("SELECT count(*) FROM subjects").fetchone()
    reader.close()
    await cut(tmp_path / "store.db")
    assert ["ben"] == await backend.ids("", 9, "")
