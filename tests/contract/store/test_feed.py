"""The change feeds and their tokens in every kind of store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from biometrics.errors import FeedTruncated, FieldInvalid, StoreSetBack
from biometrics.template import Modality
from gallery.partitions import partition_of
from gallery.store.keyed_names import subject_name
from gallery.store.port import SubjectStore
from gallery.store.tokens import Positions, joined, parse
from gallery.store.values import START, Change, ChangeKind, ConsistencyToken, Receipt
from tests.support.builders import enrolment

OpenStore = Callable[..., SubjectStore]


async def same_partition(store: SubjectStore, count: int) -> list[str]:
    """Ids of subjects of one partition."""
    partitions = await store.partition_count()
    return [f"s{n}" for n in range(50 * count) if partition_of(f"s{n}", partitions) == 1][:count]


async def change(store: SubjectStore, receipt: Receipt, kind: ChangeKind = ChangeKind.PUT) -> Change:
    """The change that a receipt is of."""
    partition = partition_of(receipt.subject_id, await store.partition_count())
    return Change(receipt.token, partition, kind, subject_name(await store.name_key(), receipt.subject_id))


async def test_the_feed_of_a_partition_has_every_change_in_order(store: SubjectStore) -> None:
    """Enrolments and deletions are in the order of their receipts, in batches of the size asked for."""
    anna, ben = await same_partition(store, 2)
    written = [await store.enroll(enrolment(anna)), await store.enroll(enrolment(ben))]
    written += [await store.delete(anna, "r", "d"), await store.enroll(enrolment(anna))]
    kinds = [ChangeKind.PUT, ChangeKind.PUT, ChangeKind.DELETE, ChangeKind.PUT]
    wanted = [await change(store, receipt, kind) for receipt, kind in zip(written, kinds, strict=True)]
    assert wanted == list(await store.changes(START, 10, 0))
    assert wanted[:2] == list(await store.changes(START, 2, 0))
    assert wanted[2:] == list(await store.changes(written[1].token, 10, 0))
    assert [] == list(await store.changes(written[-1].token, 10, 0))


async def test_one_token_reads_the_feeds_of_all_its_partitions(store: SubjectStore) -> None:
    """Reading on from the positions read gives each change once, in batches of any size; other partitions are left."""
    position, read = await store.position(), list[Change]()
    written = [await store.enroll(enrolment(f"s{n}")) for n in range(40)]
    wanted = {each.token: await change(store, each) for each in written}
    assert [] == list(await store.changes(await store.position(), 10, 0))
    while changes := await store.changes(position, 7, 0):
        read += changes
        position = joined([position, *(each.token for each in changes)])
    assert len(wanted) == len(read)
    assert wanted == {each.token: each for each in read}
    only = await store.changes(written[0].token, 1000, 0)
    assert {only[0].partition} == {each.partition for each in only} == {wanted[written[0].token].partition}


async def test_positions_are_ordered_as_numbers(store: SubjectStore) -> None:
    """Each of twelve positions of a partition is reached by itself and all later ones, but by no earlier one."""
    tokens = [(await store.enroll(enrolment(each))).token for each in await same_partition(store, 12)]
    for n, applied in enumerate(tokens):
        assert [n >= m for m in range(12)] == [store.reached(applied, wanted) for wanted in tokens]
    assert not store.reached(START, tokens[0])
    assert store.reached(await store.position(), joined(tokens))
    assert store.reached(START, await store.origin())


@pytest.mark.parametrize("first_reader", [True, False])
async def test_a_waiting_reader_is_woken_by_a_write(open_store: OpenStore, *, first_reader: bool) -> None:
    """A reader that waits gets the change, through the store that wrote it and through another one."""
    writer = open_store()
    reader = writer if first_reader else open_store()
    position = await reader.position()
    waiting = asyncio.create_task(reader.changes(position, 10, 30))
    wanted = await change(reader, await writer.enroll(enrolment("anna")))
    assert [wanted] == list(await waiting)
    found = await reader.references_of(Modality.FINGERPRINT, [(wanted.partition, wanted.name), (0, bytes(16))])
    assert ["anna"] == list(found.subject_ids)


async def test_a_reader_waits_no_longer_than_it_asked(store: SubjectStore) -> None:
    """Without a change a reader gets an empty answer after the time it asked for."""
    assert [] == list(await store.changes(await store.position(), 10, 0.01))


async def test_a_trimmed_feed_says_so_to_readers_that_are_too_far_behind(open_store: OpenStore) -> None:
    """The feed can be read from its first kept change on; from earlier positions it raises FeedTruncated."""
    store = open_store(feed_length=40)  # 10 in each of 4 partitions
    names = await same_partition(store, 250)
    tokens = [(await store.enroll(enrolment(each))).token for each in names]
    for early in (START, tokens[100]):
        with pytest.raises(FeedTruncated):
            await store.changes(early, 1000, 0)
    assert tokens[241:] == [each.token for each in await store.changes(tokens[240], 1000, 0)]
    assert [] == list(await store.changes(tokens[-1], 1000, 0))


@pytest.mark.parametrize(
    "token", ["x", "redis.00000000.1-0", "sqlite.00000000.1-0", "1-0", "memory.3", "$", "sqlite.00000000.", "~"]
)
async def test_a_token_of_another_store_is_refused(store: SubjectStore, token: str) -> None:
    """A token of the other kind of store, of another store of this kind, or of no store is invalid."""
    await store.enroll(enrolment("anna"))
    position = await store.position()
    with pytest.raises(FieldInvalid):
        store.reached(position, ConsistencyToken(token))
    with pytest.raises(FieldInvalid):
        await store.changes(ConsistencyToken(token), 10, 0)


async def test_a_token_of_a_partition_that_the_store_does_not_have_is_refused(store: SubjectStore) -> None:
    """A store of another number of partitions made it."""
    adapter, store_id, position = (await store.enroll(enrolment("anna"))).token.split(".")
    token = ConsistencyToken(f"{adapter}.{store_id}.4095-{position.partition('-')[2]}")
    for call in (store.changes(token, 10, 0), store.check(token), store.position([4095])):
        with pytest.raises(FieldInvalid):
            await call


def changed(token: ConsistencyToken, **fields: object) -> ConsistencyToken:
    """The token of one position with other fields."""
    positions = parse(token, token.partition(".")[0])
    ((partition, position),) = positions.of.items()
    return Positions(positions.adapter, positions.store_id, {partition: replace(position, **fields)}).token


async def test_a_number_that_no_store_can_have_is_refused(store: SubjectStore) -> None:
    """A token number beyond 64 bits is invalid; one beyond the newest change is not in this feed."""
    token = (await store.enroll(enrolment("anna"))).token
    with pytest.raises(FieldInvalid):
        await store.changes(changed(token, number=(99999999999999999999, 0)), 10, 0)
    with pytest.raises(FeedTruncated):
        await store.changes(changed(token, number=(2**62, 0)), 10, 0)


async def test_positions_of_the_history_are_checked(store: SubjectStore) -> None:
    """Every past position is in the history; one whose entry has another mark or epoch, or no entry, is not."""
    tokens = [await store.position(), *[(await store.enroll(enrolment(name))).token for name in "abc"]]
    await store.check(START, await store.origin(), *tokens)
    for fields in ({"mark": "0badbad0"}, {"epoch": "0badbad0"}, {"number": (2**62, 0)}):
        lost = changed(tokens[2], **fields)
        with pytest.raises(StoreSetBack):
            await store.check(lost)
    with pytest.raises(FeedTruncated):
        await store.changes(lost, 10, 0)
