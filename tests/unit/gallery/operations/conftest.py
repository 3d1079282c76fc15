"""Stores in memory, with people in them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from gallery.store.subject_store import PartitionedStore
from tests.support.builders import enrolment, random_encounter
from tests.support.fakes.memory_backend import MemoryBackend
from tests.support.fakes.memory_keys import MemoryKey, MemoryKeyTable

NewStore = Callable[..., PartitionedStore]


@pytest.fixture
def new_store() -> NewStore:
    """Makes stores in memory."""

    def make(partition_count: int = 4, key: MemoryKey | None = None) -> PartitionedStore:
        backend = MemoryBackend(partition_count=partition_count)
        return PartitionedStore(backend, MemoryKeyTable(), key or MemoryKey())

    return make


@pytest.fixture
async def people(new_store: NewStore) -> PartitionedStore:
    """A store of 300 people in two galleries, some with two encounters, a fusion model, and an alias."""
    store, rng = new_store(), random.Random(1)
    for number in range(300):
        name = f"s{number:03}"
        first = enrolment(name, galleries=("default",) if number % 3 else ("default", "watch"))
        await store.enroll(replace(first, encounter=random_encounter(rng, "e1")))
        if number % 4 == 0:
            more = enrolment(name, galleries=(), encounter_id="e2", create_subject=False)
            await store.enroll(replace(more, encounter=random_encounter(rng, "e2")))
    await store.put_model("fusion-1", "text", "r", "d")
    await store.set_alias("production", "watch", "r2", "d")
    return store
