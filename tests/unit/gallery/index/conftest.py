"""A store in memory and a reader that follows it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from biometrics.template import Modality
from gallery.index.feed_reader import FeedReader
from gallery.store.subject_store import PartitionedStore
from tests.support.fakes.memory_backend import MemoryBackend
from tests.support.fakes.memory_keys import MemoryKey, MemoryKeyTable
from tests.unit.gallery.index.names_copy import Names


@pytest.fixture
def backend() -> MemoryBackend:
    """An empty backend, which a test may stop, trim or set back."""
    return MemoryBackend()


@pytest.fixture
def store(backend: MemoryBackend) -> PartitionedStore:
    """A store over the backend."""
    return PartitionedStore(backend, MemoryKeyTable(), MemoryKey())


@pytest.fixture
async def reader(store: PartitionedStore) -> AsyncIterator[FeedReader[Names]]:
    """A reader whose tail runs; it has not loaded before the test awaits something."""
    reader = FeedReader(store, Modality.FINGERPRINT, Names, page_size=2)
    tail = asyncio.create_task(reader.run())
    yield reader
    tail.cancel()
