"""Threads of an index and of a store end with them."""

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
    """A started index with pages and segments so small that all of its paths are walked."""
    index = ExactIndex(store, VectorComparator(), page_size=3, segment_size=8)
    await index.start()
    yield index
    await index.close()


async def test_a_closed_index_leaves_no_thread(store: SubjectStore) -> None:
    """Neither its own nor those of searches on several segments; it can be searched again, and closed again."""
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
    """Neither readers nor the writer."""
    before = threads_named("store")
    store = open_store()
    await asyncio.gather(*(store.enroll(enrolment(f"s{number}")) for number in range(5)), store.count())
    await store.close()
    assert threads_named("store") <= before


def threads_named(prefix: str) -> set[threading.Thread]:
    """The threads whose names begin so."""
    return {thread for thread in threading.enumerate() if thread.name.startswith(prefix)}
