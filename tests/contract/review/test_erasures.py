"""Erased subjects, watchers and callbacks."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest
from biofusion.review.v1 import review_pb2

from infra.callbacks.origins import Origins
from tests.contract.conftest import OpenStore
from tests.support.jobs.receiver import receiver
from tests.support.review.desk import SAME, Desk, desk_of, new_request

ERASE = "11111111-1111-4111-8111-111111111111"


async def test_cases_of_an_erased_subject_are_withdrawn(desk: Desk) -> None:
    """When its subject is erased, a case is withdrawn and says nothing of it any more, a closed one too."""
    await desk.enrol("bob")
    await desk.process.erasures.step(0.0)
    waiting, closed, other = await desk.opened(), await desk.opened(), await desk.opened(subject_id="bob")
    for person in ("first", "second"):
        await desk.person(person).look(closed, SAME)
    await desk.store.delete("ann", ERASE, "d")
    await desk.process.erasures.step(5.0)
    found = [await desk.person().get(each) for each in (waiting, closed, other)]
    expected = [review_pb2.REVIEW_STATE_WITHDRAWN, review_pb2.REVIEW_STATE_CLOSED, review_pb2.REVIEW_STATE_OPEN]
    assert expected == [each.state for each in found]
    assert ["", "", "bob"] == [each.subject_id for each in found]
    assert [False, False] == [each.HasField("decision") for each in found[:2]]
    assert "SUBJECT_NOT_FOUND" == await desk.person().refused("CreateReviewCase", new_request())


async def test_the_erasure_of_who_was_searched_with_withdraws_too(desk: Desk) -> None:
    """A case about two enrolled subjects is withdrawn when either is erased, and names neither then."""
    await desk.enrol("bob")
    await desk.process.erasures.step(0.0)
    name = await desk.opened(subject_id="bob", probe_subject_id="ann")
    assert "ann" == (await desk.person().get(name)).probe_subject_id
    await desk.store.delete("ann", ERASE, "d")
    await desk.process.erasures.step(5.0)
    case = await desk.person().get(name)
    assert (review_pb2.REVIEW_STATE_WITHDRAWN, "", "") == (case.state, case.subject_id, case.probe_subject_id)


async def test_an_erasure_is_not_missed_while_nobody_follows(desk: Desk) -> None:
    """A process that starts after an erasure withdraws the cases of the subject."""
    name = await desk.opened()
    await desk.store.delete("ann", ERASE, "d")
    await desk.process.erasures.step(0.0)
    assert review_pb2.REVIEW_STATE_WITHDRAWN == (await desk.person().get(name)).state


async def test_changes_are_watched(desk: Desk) -> None:
    """A watcher is told each change, and one that goes on with a token what happened meanwhile."""
    async with aclosing(_watched(desk)) as news:
        token = (await anext(news)).resume_token
        name = await desk.opened()
        assert (name, review_pb2.REVIEW_STATE_OPEN) == _facts(await anext(news))
        await desk.person("first").claim(name)
        assert (name, review_pb2.REVIEW_STATE_CLAIMED) == _facts(await anext(news))
    async with aclosing(_watched(desk, token)) as news:
        assert not (await anext(news)).HasField("review_case")
        assert (name, review_pb2.REVIEW_STATE_CLAIMED) == _facts(await anext(news))


@pytest.mark.parametrize("codes", [(), (500,)])
async def test_the_end_is_told(open_store: OpenStore, tmp_path: Path, codes: tuple[int, ...]) -> None:
    """The end of a case is told by a signed message, again after a failure; it names no subject and no person."""
    (tmp_path / "secret").write_text("s" * 32)
    with receiver(*codes) as hook:
        options = {"origins": Origins.parse(hook.origin), "secret_file": str(tmp_path / "secret")}
        async with desk_of(open_store(), **options) as desk:
            name = await desk.opened(callback=hook.url)
            for person in ("first", "second"):
                await desk.person(person).look(name, SAME)
            for _ in range(len(codes) + 1):
                await desk.process.upkeep.look()
                desk.clock.now += 20
            assert review_pb2.CALLBACK_STATE_DELIVERED == (await desk.person().get(name)).callback_state
        assert len(codes) + 1 == len(hook.received)
        _, headers, body = hook.received[-1]
        assert (name, "CLOSED", "SAME") == tuple(json.loads(body)[each] for each in ("name", "state", "resolution"))
        assert "Biofusion-Signature" in headers
        assert not any(each in body for each in (b"ann", b"first"))


def _facts(news: review_pb2.WatchReviewCasesResponse) -> tuple[str, int]:
    return news.review_case.name, news.review_case.state


async def _watched(desk: Desk, token: str = "") -> AsyncGenerator[review_pb2.WatchReviewCasesResponse, None]:
    call = desk.stub.WatchReviewCases(review_pb2.WatchReviewCasesRequest(resume_token=token))
    try:
        async for each in call:
            yield each
    finally:
        call.cancel()
