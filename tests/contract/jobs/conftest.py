"""Fixtures: stores for jobs, named as a process of its own can open them."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gallery.store.documents.port import Documents
from tests.support.jobs.working_process import backend_of


@pytest.fixture(params=["sqlite", "redis_process"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    """What names an empty store; every test that uses this fixture runs on all kinds."""
    if request.param == "sqlite":
        return [str(tmp_path / "store.db")]
    return [request.getfixturevalue(request.param).url, uuid.uuid4().hex]


@pytest.fixture
async def documents(place: list[str]) -> AsyncIterator[Documents]:
    """The documents of this store."""
    backend = backend_of(*place)
    yield backend.documents
    await backend.close()
