"""A store in a file, with people in it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gallery.store.open_store import open_store
from gallery.store.options import StoreOptions
from tests.support.builders import enrolment
from tests.unit.cli.gallery.commands import PEOPLE


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of 70 people, named by the settings; its folder."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.setenv("BIOFUSION_STORE_URL", url)

    async def fill() -> None:
        store = open_store(url, StoreOptions())
        await asyncio.gather(*(store.enroll(enrolment(f"s{number:02}")) for number in range(PEOPLE)))
        await store.close()

    asyncio.run(fill())
    return tmp_path
