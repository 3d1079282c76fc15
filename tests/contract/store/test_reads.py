"""Paging, counting, summaries and references in every kind of store."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from biometrics.errors import FieldInvalid, GalleryNotFound
from biometrics.template import Modality
from gallery.partitions import partition_of
from gallery.references import POSITIONS
from gallery.store.keyed_names import subject_name
from gallery.store.page_tokens import Listing, page_token
from gallery.store.port import SubjectStore
from gallery.store.values import START
from gallery.subject import EncounterState
from tests.support.builders import enrolment, random_encounter


async def test_an_empty_store_answers_with_nothing(store: SubjectStore) -> None:
    """An empty store has no subjects and no changes, and its position is reached."""
    assert (0, 0, {}) == (await store.count(), await store.count("default"), await store.get_many(["anna"]))
    assert [] == (await store.references_of(Modality.FACE, [(0, bytes(16))])).subject_ids
    assert [] == [each async for page in store.references(Modality.FACE, (), 10) for each in page.subject_ids]
    assert ((), "") == ((await store.list(5)).subjects, (await store.list(5)).next_page_token)
    position = await store.position()
    assert [] == list(await store.changes(position, 10, 0))
    assert store.reached(position, START)


async def test_subjects_are_found_by_the_names_of_their_changes(store: SubjectStore) -> None:
    """A name in the feed leads to the id and galleries of a subject, until it is erased; an unknown one to nothing."""
    for subject_id in ("ann", "bob"):
        await store.enroll(enrolment(subject_id, galleries=("all", subject_id)))
    changes = await store.changes(START, 10, 0)
    names = [(each.partition, each.name) for each in changes]
    found = await store.subjects_named([*names, (0, bytes(16)), *names])
    assert {"ann": ("all", "ann"), "bob": ("all", "bob")} == {i.subject_id: i.galleries for i in found.values()}
    assert {each.name for each in changes} == set(found)
    await store.delete("ann", "r-1", "d")
    assert ["bob"] == [each.subject_id for each in (await store.subjects_named(names)).values()]
    assert {} == await store.subjects_named([])


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


async def test_references_are_those_of_active_encounters(store: SubjectStore) -> None:
    """The columns of a modality have every subject, and every ACTIVE reference of that modality, whatever the pages."""
    rng, wanted = random.Random(1), dict[str, list[tuple[str, str, bytes]]]()
    for number in range(30):
        name, encounter = f"s{number}", random_encounter(rng, "e1")
        await store.enroll(replace(enrolment(name), encounter=encounter))
        own = encounter.references if encounter.state is EncounterState.ACTIVE else ()
        wanted[name] = [
            (each.position, each.template.model_id, each.template.data)
            for each in own
            if each.modality is Modality.FINGERPRINT
        ]
    for page_size in (1, 7, 100):
        assert wanted == await _references(store, (), page_size)
    key, count = await store.name_key(), await store.partition_count()
    by_partition = [await _references(store, (partition,), 7) for partition in range(count)]
    assert len(wanted) == sum(len(each) for each in by_partition)
    assert [{partition_of(name, count) for name in each} for each in by_partition] == [{p} for p in range(count)]
    names = [(partition_of(name, count), subject_name(key, name)) for name in ("s1", "nobody", "s9")]
    assert ["s1", "s9"] == sorted((await store.references_of(Modality.FINGERPRINT, names)).subject_ids)


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


async def _references(store: SubjectStore, partitions: Sequence[int], page_size: int) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    async for page in store.references(Modality.FINGERPRINT, partitions, page_size):
        found |= {name: [] for name in page.subject_ids}
        for owner, position, model, data in zip(page.owners, page.positions, page.models, page.templates, strict=True):
            found[page.subject_ids[owner]].append((POSITIONS[position], page.model_ids[model], data))
    return found


async def _all_ids(store: SubjectStore, page_size: int, gallery: str) -> list[str]:
    page = await store.list(page_size, gallery=gallery)
    ids = [subject.subject_id for subject in page.subjects]
    while page.next_page_token:
        page = await store.list(page_size, page.next_page_token, gallery)
        assert page.subjects
        ids += [subject.subject_id for subject in page.subjects]
    return ids
