"""Paging, counting, the change feed and its tokens in both stores."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import StrEnum

import pytest

from biometrics.errors import FeedTruncated, FieldInvalid, GalleryNotFound, StoreSetBack, StoreUnavailable
from gallery.store.keyed_names import subject_name
from gallery.store.port import SubjectStore
from gallery.store.tokens import Listing, page_token
from gallery.store.values import START, Change, ChangeKind, ConsistencyToken
from tests.support.builders import enrolment, reference

OpenStore = Callable[..., SubjectStore]


async def test_an_empty_store_answers_with_nothing(store: SubjectStore) -> None:
    """An empty store has no subjects and no changes, and its position is reached."""
    assert (0, 0, {}) == (await store.count(), await store.count("default"), await store.get_many(["anna"]))
    assert {} == await store.get_named([bytes(16)])
    assert ((), "") == ((await store.list(5)).subjects, (await store.list(5)).next_page_token)
    position = await store.position()
    assert [] == list(await store.changes(position, 10, 0))
    assert store.reached(position, START)


async def test_pages_list_every_subject_once_in_order_of_id(store: SubjectStore) -> None:
    """Ids are listed in code point order, in pages of 2, over all galleries and within one."""
    ids = ["b", "a", "B", "a10", "a2", "0", "a.b", "a:b", "a-b"]
    for number, subject_id in enumerate(ids):
        await store.enroll(enrolment(subject_id, galleries=("all", "even") if number % 2 == 0 else ("all",)))
    assert sorted(ids) == await _all_ids(store, 2, "") == await _all_ids(store, 2, "all")
    assert sorted(ids[::2]) == await _all_ids(store, 2, "even")
    assert sorted(ids) == await _all_ids(store, 9, "")
    assert [9, 9, 5, 0] == [await store.count(gallery) for gallery in ("", "all", "even", "default")]


async def test_summaries_are_listed_as_subjects_are(store: SubjectStore) -> None:
    """Summaries come in the same pages as subjects, for one gallery and for all, without references."""
    for number, subject_id in enumerate("edcba"):
        await store.enroll(enrolment(subject_id, galleries=("all", "even") if number % 2 == 0 else ("all",)))
    for gallery in ("", "all", "even"):
        whole = await store.list(2, gallery=gallery)
        brief = await store.list_summaries(2, gallery=gallery)
        assert [each.summary for each in whole.subjects] == list(brief.subjects)
        after_b = page_token("b", Listing.SUBJECTS, gallery)
        assert ["c"] == [each.subject_id for each in (await store.list_summaries(1, after_b, gallery)).subjects]
    with pytest.raises(GalleryNotFound, match="stuff"):
        await store.list_summaries(5, gallery="stuff")
    with pytest.raises(FieldInvalid, match="page_token"):
        await store.list_summaries(5, "x")


class Later(StrEnum):
    """Positions that only a later version knows."""

    TOE = "TOE"


async def test_summaries_are_listed_without_unpacking_templates(store: SubjectStore) -> None:
    """An unreadable reference fails the list of subjects, but not that of summaries."""
    unreadable = reference([1, 0, 0, 0])
    object.__setattr__(unreadable, "position", Later.TOE)
    await store.enroll(enrolment("anna", unreadable))
    with pytest.raises(StoreUnavailable):
        await store.list(5)
    assert ["anna"] == [each.subject_id for each in (await store.list_summaries(5)).subjects]


async def test_a_gallery_that_never_was_is_not_found(store: SubjectStore) -> None:
    """An unknown gallery is neither counted nor listed; one that has become empty still exists."""
    await store.enroll(enrolment("anna", galleries=("staff",)))
    for call in (store.count("stuff"), store.list(5, gallery="stuff")):
        with pytest.raises(GalleryNotFound, match="stuff"):
            await call
    await store.delete("anna", "r", "d")
    assert (0, ()) == (await store.count("staff"), (await store.list(5, gallery="staff")).subjects)


async def test_paging_goes_on_when_the_last_subject_of_a_page_is_deleted(store: SubjectStore) -> None:
    """The next page begins after the deleted id."""
    for subject_id in "abcd":
        await store.enroll(enrolment(subject_id))
    page = await store.list(2)
    await store.delete("b", "r", "d")
    assert ["c", "d"] == [subject.subject_id for subject in (await store.list(2, page.next_page_token)).subjects]


@pytest.mark.parametrize("page_token", ["x", "YQ", "YQ==", "!!!", "YQ==YQ==", "w6Q=", "a b", "ü"])
async def test_a_page_token_that_was_not_returned_is_refused(store: SubjectStore, page_token: str) -> None:
    """A page token that the store did not return is refused by the field's name."""
    with pytest.raises(FieldInvalid) as caught:
        await store.list(2, page_token)
    assert "page_token" == caught.value.field


async def test_a_page_token_of_another_list_or_gallery_is_refused(store: SubjectStore) -> None:
    """No entry is skipped for a token that went astray; the view may change from page to page."""
    for subject_id in "abc":
        await store.enroll(enrolment(subject_id, galleries=("staff", "guests")))
        await store.put_model(subject_id, "text", f"put {subject_id}", "d")
    of_models, of_all = (await store.list_models(1)).next_page_token, (await store.list(1)).next_page_token
    of_staff = (await store.list_summaries(1, gallery="staff")).next_page_token
    strays = (
        store.list_models(1, of_all),
        store.list(1, of_models),
        store.list(1, of_staff),
        store.list_summaries(1, of_all, "staff"),
        store.list(1, of_staff, "guests"),
    )
    for call in strays:
        with pytest.raises(FieldInvalid, match=r"page_token: it was not returned by this call"):
            await call
    assert ["b"] == [each.subject_id for each in (await store.list(1, of_staff, "staff")).subjects]


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


async def test_get_many_returns_those_that_exist(store: SubjectStore) -> None:
    """Of 1,201 ids the 600 that exist give 600 subjects."""
    ids = [f"s{n:04}" for n in range(1201)]
    await asyncio.gather(*(store.enroll(enrolment(subject_id)) for subject_id in ids[:600]))
    assert ids[:600] == sorted(await store.get_many(ids))


async def test_closing_twice_is_no_error(store: SubjectStore) -> None:
    """A used store can be closed twice."""
    await store.ping()
    await store.close()
    await store.close()


async def _all_ids(store: SubjectStore, page_size: int, gallery: str) -> list[str]:
    page = await store.list(page_size, gallery=gallery)
    ids = [subject.subject_id for subject in page.subjects]
    while page.next_page_token:
        page = await store.list(page_size, page.next_page_token, gallery)
        assert page.subjects
        ids += [subject.subject_id for subject in page.subjects]
    return ids
