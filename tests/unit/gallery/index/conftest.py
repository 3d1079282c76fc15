"""A store in memory and a reader that follows it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gallery.index.feed_reader import FeedReader
from tests.support.fakes.memory_store import MemoryStore
from tests.unit.gallery.index.names_copy import Names


@pytest.fixture
def store() -> MemoryStore:
    """An empty store."""
    return MemoryStore()


@pytest.fixture
async def reader(store: MemoryStore) -> AsyncIterator[FeedReader[Names]]:
    """A reader whose tail runs; it has not loaded before the test awaits something."""
    reader = FeedReader(store, Names, page_size=2)
    tail = asyncio.create_task(reader.run())
    yield reader
    tail.cancel()
