"""A SQLite file that tests of SQLite alone open as they like."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from gallery.store.subject_store import PartitionedStore
from tests.support.stores.sqlite_store import sqlite_store

OpenStore = Callable[..., PartitionedStore]


@pytest.fixture
async def open_sqlite_file(tmp_path: Path) -> AsyncIterator[OpenStore]:
    """Opens another store on the file `store.db` of this test, with these arguments of the backend."""
    opened: list[PartitionedStore] = []

    def open_one(**arguments: Any) -> PartitionedStore:
        opened.append(sqlite_store(tmp_path / "store.db", **arguments))
        return opened[-1]

    yield open_one
    for each in opened:
        await each.close()
