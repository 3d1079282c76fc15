"""Closing an index or a store ends its threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from gallery.index.exact import ExactIndex
from gallery.store.port import SubjectStore
from tests.contract.index.searches import FINGER, PROBE, OpenStore
from tests.support.builders import enrolment
from tests.support.fakes.comparators import VectorComparator, VectorStack


@pytest.fixture
async def index(store: SubjectStore) -> AsyncIterator[ExactIndex[VectorStack]]:
    """A started index with pages and segments small enough to exercise all of its code paths."""
    index = ExactIndex(store, VectorComparator(), page_size=3, segment_size=8)
    await index.start()
    yield index
    await index.close()


async def test_a_closed_index_leaves_no_thread(store: SubjectStore) -> None:
    """Closing ends the index's thread and those of searches; a closed index can be searched and closed again."""
    for number in range(5):
        await store.enroll(enrolment(f"s{number}"))
    await store.count()
    index = ExactIndex(store, VectorComparator(), page_size=3, segment_size=1, threads=3)
    for _ in range(2):
        before = threads_named("compare")
        await index.start()
        assert 5 == len(index.search(PROBE, FINGER, "default", 5))
        assert before < threads_named("compare")
        await index.close()
        assert threads_named("compare") <= before


async def test_a_closed_store_leaves_no_thread(open_store: OpenStore) -> None:
    """Closing a store ends the threads of its readers and of its writer."""
    before = threads_named("store")
    store = open_store()
    await asyncio.gather(*(store.enroll(enrolment(f"s{number}")) for number in range(5)), store.count())
    await store.close()
    assert threads_named("store") <= before


def threads_named(prefix: str) -> set[threading.Thread]:
    """The threads whose names begin with `prefix`."""
    return {thread for thread in threading.enumerate() if thread.name.startswith(prefix)}
