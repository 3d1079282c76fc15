"""The store of the tests of an index."""

from __future__ import annotations

import pytest

from gallery.store.port import SubjectStore
from gallery.store.subject_store import PartitionedStore
from tests.support.fakes.memory_backend import MemoryBackend, MemoryKey, MemoryKeyTable


@pytest.fixture
def store() -> SubjectStore:
    """One empty store in memory."""
    return PartitionedStore(MemoryBackend(), MemoryKeyTable(), MemoryKey())
