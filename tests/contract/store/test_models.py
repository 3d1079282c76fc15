"""Uploaded fusion models in every kind of store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from biometrics.errors import FieldInvalid, FusionModelNotFound, RequestIdReused
from gallery.store.port import SubjectStore
from gallery.store.values import START
from tests.support.builders import enrolment

OpenStore = Callable[..., SubjectStore]


async def test_a_model_is_read_as_it_was_written_by_every_store_object(open_store: OpenStore) -> None:
    """Another store object reads the same text, including any Unicode characters."""
    await open_store().put_model("fusion-1", '{"source": "Äpfel 🍏"}', "r", "d")
    assert '{"source": "Äpfel 🍏"}' == await open_store().model("fusion-1")


async def test_writing_a_model_again_changes_nothing(store: SubjectStore) -> None:
    """A repeated request is a replay, another request writes the same model again, and one model is stored."""
    written = [await store.put_model("fusion-1", "text", request, "d") for request in ("r1", "r1", "r2")]
    assert [False, True, False] == [receipt.replayed for receipt in written]
    assert {("fusion-1", "")} == {(receipt.subject_id, receipt.encounter_id) for receipt in written}
    assert ("fusion-1",) == (await store.list_models(10)).model_ids


async def test_a_deleted_model_is_gone_everywhere(open_store: OpenStore) -> None:
    """No store object reads or lists it, the repeated deletion is answered, and it can be written again."""
    store, other = open_store(), open_store()
    await store.put_model("fusion-1", "text", "r1", "d")
    deleted = [await store.delete_model("fusion-1", "r2", "d") for _ in range(2)]
    assert [False, True] == [receipt.replayed for receipt in deleted]
    with pytest.raises(FusionModelNotFound):
        await other.model("fusion-1")
    assert () == (await other.list_models(10)).model_ids
    await store.put_model("fusion-1", "text", "r3", "d")
    assert "text" == await other.model("fusion-1")


async def test_unknown_models_and_used_request_ids_are_refused(store: SubjectStore) -> None:
    """Unknown models, and request ids of other requests, also of enrolments, are refused."""
    await store.enroll(enrolment("anna", request_id="r"))
    for call in (store.model("x"), store.delete_model("x", "r2", "d")):
        with pytest.raises(FusionModelNotFound):
            await call
    for call in (store.put_model("x", "text", "r", "other"), store.delete_model("x", "r", "other")):
        with pytest.raises(RequestIdReused):
            await call
    with pytest.raises(FieldInvalid, match="page_token"):
        await store.list_models(2, "x")


async def test_pages_list_every_model_once_in_order_of_id(store: SubjectStore) -> None:
    """Five models are listed in pages of two, each once, in order of id."""
    ids = [f"fusion-{name}" for name in "caebd"]
    for model_id in ids:
        await store.put_model(model_id, "text", model_id, "d")
    pages = [await store.list_models(2)]
    while pages[-1].next_page_token:
        pages.append(await store.list_models(2, pages[-1].next_page_token))
    assert [2, 2, 1] == [len(page.model_ids) for page in pages]
    assert sorted(ids) == [model_id for page in pages for model_id in page.model_ids]


async def test_models_are_no_subjects(store: SubjectStore) -> None:
    """Models are in no list of subjects, no count and no change of the feed."""
    before = await store.position()
    receipt = await store.put_model("fusion-1", "text", "r", "d")
    assert (0, (), []) == (await store.count(), (await store.list(5)).subjects, list(await store.changes(START, 5, 0)))
    assert (before, receipt.token) == (await store.position(), await store.position([0]))


async def test_a_model_written_many_times_at_once_is_there_once(open_store: OpenStore) -> None:
    """20 requests through two stores all succeed."""
    stores = [open_store(), open_store()]
    await asyncio.gather(*(stores[n % 2].put_model("fusion-1", "text", f"r{n}", "d") for n in range(20)))
    assert ("fusion-1",) == (await stores[0].list_models(10)).model_ids
