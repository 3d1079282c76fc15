"""The change feed and its tokens in both stores."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from biometrics.errors import FeedTruncated, FieldInvalid, StoreSetBack
from gallery.store.keyed_names import subject_name
from gallery.store.port import SubjectStore
from gallery.store.values import START, Change, ChangeKind, ConsistencyToken
from tests.support.builders import enrolment

OpenStore = Callable[..., SubjectStore]


async def test_the_feed_has_every_change_in_order(store: SubjectStore) -> None:
    """Enrolments and deletions are in the order of their receipts, in batches of the size asked for."""
    written = [await store.enroll(enrolment("anna")), await store.enroll(enrolment("ben"))]
    written += [await store.delete("anna", "r", "d"), await store.enroll(enrolment("anna"))]
    kinds = [ChangeKind.PUT, ChangeKind.PUT, ChangeKind.DELETE, ChangeKind.PUT]
    key = await store.name_key()
    wanted = [
        Change(receipt.token, kind, subject_name(key, receipt.subject_id))
        for receipt, kind in zip(written, kinds, strict=True)
    ]
    assert wanted == list(await store.changes(START, 10, 0))
    assert wanted[:2] == list(await store.changes(START, 2, 0))
    assert wanted[2:] == list(await store.changes(written[1].token, 10, 0))
    assert [] == list(await store.changes(written[-1].token, 10, 0))


async def test_positions_are_ordered_as_numbers(store: SubjectStore) -> None:
    """Each of twelve positions is reached by itself and all later ones, but by no earlier one."""
    tokens = [(await store.enroll(enrolment(f"s{n}"))).token for n in range(12)]
    for n, applied in enumerate(tokens):
        assert [n >= m for m in range(12)] == [store.reached(applied, wanted) for wanted in tokens]
    assert not store.reached(START, tokens[0])


@pytest.mark.parametrize("first_reader", [True, False])
async def test_a_waiting_reader_is_woken_by_a_write(open_store: OpenStore, *, first_reader: bool) -> None:
    """A reader that waits gets the change, through the store that wrote it and through another one."""
    writer = open_store()
    reader = writer if first_reader else open_store()
    position = await reader.position()
    waiting = asyncio.create_task(reader.changes(position, 10, 30))
    receipt = await writer.enroll(enrolment("anna"))
    name = subject_name(await reader.name_key(), "anna")
    assert [Change(receipt.token, ChangeKind.PUT, name)] == list(await waiting)
    assert ["anna"] == [subject.subject_id for subject in (await reader.get_named([name, bytes(16)])).values()]


async def test_a_reader_waits_no_longer_than_it_asked(store: SubjectStore) -> None:
    """Without a change a reader gets an empty answer after the time it asked for."""
    assert [] == list(await store.changes(await store.position(), 10, 0.01))


async def test_a_trimmed_feed_says_so_to_readers_that_are_too_far_behind(open_store: OpenStore) -> None:
    """The feed can be read from its first kept change on; from earlier positions it raises FeedTruncated."""
    store = open_store(feed_length=10)
    tokens = [(await store.enroll(enrolment(f"s{n:03}"))).token for n in range(250)]
    with pytest.raises(FeedTruncated):
        await store.changes(START, 1000, 0)
    with pytest.raises(FeedTruncated):
        await store.changes(tokens[100], 1000, 0)
    assert tokens[241:] == [change.token for change in await store.changes(tokens[240], 1000, 0)]
    assert [] == list(await store.changes(tokens[-1], 1000, 0))


@pytest.mark.parametrize("token", ["x", "redis.00000000.1-0", "sqlite.00000000.1-0", "1-0", "memory.3", "$"])
async def test_a_token_of_another_store_is_refused(store: SubjectStore, token: str) -> None:
    """A token of the other kind of store, of another store of this kind, or of no store is invalid."""
    await store.enroll(enrolment("anna"))
    position = await store.position()
    with pytest.raises(FieldInvalid):
        store.reached(position, ConsistencyToken(token))
    with pytest.raises(FieldInvalid):
        await store.changes(ConsistencyToken(token), 10, 0)


async def test_a_number_that_no_store_can_have_is_refused(store: SubjectStore) -> None:
    """A token number beyond 64 bits is invalid; one beyond the newest change is not in this feed."""
    prefix = (await store.position()).rpartition(".")[0]
    with pytest.raises(FieldInvalid):
        await store.changes(ConsistencyToken(f"{prefix}.99999999999999999999-0"), 10, 0)
    with pytest.raises(FeedTruncated):
        await store.changes(ConsistencyToken(f"{prefix}.9999999999999999999-0"), 10, 0)


async def test_positions_of_the_history_are_checked(store: SubjectStore) -> None:
    """Every past position is in the history; one whose entry has another mark, or no entry, is not."""
    tokens = [await store.position(), *[(await store.enroll(enrolment(name))).token for name in "abc"]]
    await store.check(START, *tokens)
    adapter, store_id, mark, number = tokens[2].split(".")
    other = "0" * 8 if mark != "0" * 8 else "1" * 8
    for lost in (f"{adapter}.{store_id}.{other}.{number}", f"{adapter}.{store_id}.{mark}.{2**62}-0"):
        with pytest.raises(StoreSetBack):
            await store.check(ConsistencyToken(lost))
        with pytest.raises(FeedTruncated):
            await store.changes(ConsistencyToken(lost), 10, 0)
