"""Opens backends on one file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from gallery.store.sqlite.backend import SqliteBackend

OpenBackend = Callable[..., SqliteBackend]


@pytest.fixture
async def open_backend(tmp_path: Path) -> AsyncIterator[OpenBackend]:
    """Opens another SqliteBackend on the file `store.db` of this test, with these arguments."""
    opened: list[SqliteBackend] = []

    def open_one(**arguments: Any) -> SqliteBackend:
        opened.append(SqliteBackend(tmp_path / "store.db", **arguments))
        return opened[-1]

    yield open_one
    for each in opened:
        await each.close()
