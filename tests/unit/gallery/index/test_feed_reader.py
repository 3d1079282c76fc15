"""gallery.index.feed_reader: loading and following, also when the store fails."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from biometrics.errors import IndexBehind, StoreSetBack, StoreUnavailable
from biometrics.template import Modality
from gallery.index.content import IndexContent
from gallery.index.feed_reader import FeedReader
from gallery.partitions import partition_of
from gallery.store.subject_store import PartitionedStore
from gallery.store.tokens import joined, parse
from gallery.store.values import ConsistencyToken
from tests.support.builders import enrolment
from tests.support.fakes.comparators import VectorComparator
from tests.support.fakes.memory_backend import MemoryBackend
from tests.unit.gallery.index.names_copy import Names


async def test_what_was_enrolled_before_and_after_the_load_is_there(
    store: PartitionedStore, reader: FeedReader[Names]
) -> None:
    """Five subjects are loaded in pages of two, and a sixth comes by the feed."""
    for name in "abcde":
        await store.enroll(enrolment(name))
    await reader.wait_for((await store.enroll(enrolment("f"))).token, 30)
    assert set("abcdef") == reader.state.ids


async def test_a_store_that_is_down_at_the_start_is_tried_again(
    store: PartitionedStore, backend: MemoryBackend
) -> None:
    """While the store is down the reader is not ready and says why; when the store comes up it loads."""
    backend.down = True
    reader = FeedReader(store, Modality.FINGERPRINT, Names, page_size=2)
    tail = asyncio.create_task(reader.run())
    with pytest.raises(IndexBehind):
        await reader.wait_for(ConsistencyToken(""), 0.01)
    with pytest.raises(IndexBehind):
        _ = reader.state
    assert (False, "The store is down.") == (reader.is_ready, reader.last_error)
    backend.down = False
    await reader.wait_for((await store.enroll(enrolment("a"))).token, 30)
    assert (True, "", {"a"}) == (reader.is_ready, reader.last_error, reader.state.ids)
    tail.cancel()


async def test_loading_from_a_store_that_is_down_raises(store: PartitionedStore, backend: MemoryBackend) -> None:
    """A caller of `load` gets the error of a store that is down."""
    backend.down = True
    with pytest.raises(StoreUnavailable):
        await FeedReader(store, Modality.FINGERPRINT, Names, page_size=2).load()


async def test_the_last_copy_serves_while_the_next_is_built(store: PartitionedStore, backend: MemoryBackend) -> None:
    """A reader that has fallen behind a trimmed feed serves the old copy until the new one is complete."""
    reader = FeedReader(store, Modality.FINGERPRINT, Names, page_size=1)
    await store.enroll(enrolment("old"))
    await reader.load()
    served = reader.state
    await store.delete("old", "r", "d")
    token = (await store.enroll(enrolment("new"))).token
    backend.trim()
    with pytest.raises(IndexBehind):
        await reader.wait_for(token, 0)
    tail = asyncio.create_task(reader.run())
    await reader.wait_for(token, 30)
    tail.cancel()
    assert ({"old"}, {"new"}) == (served.ids, reader.state.ids)


async def test_a_copy_of_a_lost_history_is_dropped(
    store: PartitionedStore, backend: MemoryBackend, caplog: pytest.LogCaptureFixture
) -> None:
    """A search that is confirmed drops the copy, the log says why, and the next load has what was enrolled since."""
    reader = FeedReader(store, Modality.FINGERPRINT, Names, page_size=1)
    await store.enroll(enrolment("ghost"))
    await reader.load()
    load_count, lost = reader.load_count, reader.position
    await reader.confirm(load_count, lost)
    backend.set_back()
    with pytest.raises(StoreSetBack):
        await reader.confirm(load_count, lost)
    with pytest.raises(IndexBehind):
        await reader.confirm(load_count, ConsistencyToken(""))
    assert (False, True) == (reader.is_ready, "set back" in caplog.text)
    token = (await store.enroll(enrolment("new"))).token
    await reader.load()
    with pytest.raises(IndexBehind):
        await reader.confirm(load_count, token)
    await reader.confirm(reader.load_count, token)
    assert {"new"} == reader.state.ids


async def test_a_result_without_token_stands_if_the_store_does_not_answer(
    store: PartitionedStore, backend: MemoryBackend
) -> None:
    """If the store does not answer the check, a search without token stands, and one with a token is an error."""
    reader = FeedReader(store, Modality.FINGERPRINT, Names, page_size=1)
    await store.enroll(enrolment("anna"))
    await reader.load()
    origin = await store.origin()
    backend.down = True
    await reader.confirm(reader.load_count, ConsistencyToken(""))
    with pytest.raises(StoreUnavailable):
        await reader.confirm(reader.load_count, origin)


async def test_what_is_erased_is_purged_soon(store: PartitionedStore) -> None:
    """A purge comes soon after an erasure, without other changes; two erasures share one."""
    reader = FeedReader(store, Modality.FINGERPRINT, Names, page_size=9, purge_s=0.01)
    for name in "abc":
        await store.enroll(enrolment(name))
    tail = asyncio.create_task(reader.run())
    await reader.wait_for(await store.position(), 30)
    await store.delete("a", "r1", "d")
    await reader.wait_for((await store.delete("b", "r2", "d")).token, 30)
    await asyncio.wait_for(reader.state.has_purged.wait(), 30)
    assert {"a", "b"} == reader.state.purged
    tail.cancel()


async def test_a_bug_in_the_copy_does_not_end_the_reader(store: PartitionedStore, reader: FeedReader[Names]) -> None:
    """An unexpected error is reported by its class name, and the change is applied by the next attempt."""
    await reader.wait_for((await store.enroll(enrolment("a"))).token, 30)
    Names.broken = True
    token = (await store.enroll(enrolment("b"))).token
    with pytest.raises(IndexBehind):
        await reader.wait_for(token, 0.05)
    assert "ZeroDivisionError" == reader.last_error
    await reader.wait_for(token, 30)
    assert ("", {"a", "b"}) == (reader.last_error, reader.state.ids)


async def test_only_the_partitions_that_are_followed_are_read_and_waited_for(store: PartitionedStore) -> None:
    """A reader of two of four partitions has their subjects, and does not wait for tokens of the others."""
    reader = FeedReader(store, Modality.FINGERPRINT, Names, page_size=2, partitions=[1, 2])
    await store.enroll(enrolment("s0"))
    await reader.load()
    tokens = {f"s{n}": (await store.enroll(enrolment(f"s{n}"))).token for n in range(1, 20)}
    own = {each for each in ["s0", *tokens] if partition_of(each, 4) in (1, 2)}
    assert {partition_of(each, 4) for each in tokens} == {0, 1, 2, 3}
    for each in set(tokens) - own:
        await reader.wait_for(tokens[each], 0)
    with pytest.raises(IndexBehind):
        await reader.wait_for(tokens[next(each for each in tokens if each in own)], 0)
    tail = asyncio.create_task(reader.run())
    await reader.wait_for(joined([*tokens.values()]), 30)
    tail.cancel()
    assert own == reader.state.ids
    assert {1, 2} == {*parse(reader.position, "memory").of}


async def test_a_caller_that_waits_hurries_the_store(store: PartitionedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write of another process is read without waiting for the next poll."""
    monkeypatch.setattr("gallery.store.feeds.watch.POLL_S", 1e9)
    reader = FeedReader(store, Modality.FINGERPRINT, Names, page_size=2)
    await reader.load()
    other = PartitionedStore(store.backend, store.table, store.encryption)
    tail = asyncio.create_task(reader.run())
    for name in "abc":
        await reader.wait_for((await other.enroll(enrolment(name))).token, 30)
    tail.cancel()
    assert {*"abc"} == reader.state.ids


async def test_subjects_that_cannot_be_read_are_logged_once_per_change(
    store: PartitionedStore, backend: MemoryBackend, caplog: pytest.LogCaptureFixture
) -> None:
    """A load and later changes report how many subjects cannot be read, if that is another number than before."""
    reader = FeedReader(store, Modality.FINGERPRINT, partial(IndexContent, VectorComparator(), 8), page_size=2)
    for name in "abc":
        await store.enroll(enrolment(name))
    backend.damage("a")
    tail = asyncio.create_task(reader.run())
    await reader.wait_for((await store.enroll(enrolment("d"))).token, 30)
    assert (1, 3) == (reader.state.unreadable_count, reader.state.count("default"))
    await reader.wait_for((await store.enroll(enrolment("e"))).token, 30)
    await reader.wait_for((await store.delete("a", "r", "d")).token, 30)
    tail.cancel()
    assert (0, 4) == (reader.state.unreadable_count, reader.state.count("default"))
    texts = [record.message for record in caplog.records if "cannot be read" in record.message]
    assert ["1 subjects", "0 subjects"] == [text[:10] for text in texts]
