"""WatchChanges on a real server over every kind of store."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from biofusion.fusion.v1 import subjects_pb2
from biofusion.fusion.v1.subjects_pb2_grpc import SubjectServiceStub

from fusion.__main__ import assemble
from gallery.store.keyed_names import subject_name
from gallery.store.port import SubjectStore
from gallery.store.subject_store import PartitionedStore
from infra.serving.server import Server
from infra.settings import Settings
from infra.wire.status import error_info
from tests.contract.conftest import OpenStore
from tests.support.builders import enrolment
from tests.support.fakes.memory_store import MemoryStore

PUT, DELETE, NOTHING = subjects_pb2.CHANGE_KIND_PUT, subjects_pb2.CHANGE_KIND_DELETE, 0


@asynccontextmanager
async def serving(store: SubjectStore) -> AsyncIterator[SubjectServiceStub]:
    """A stub of a server of fusion over a store; it calls no matching service."""
    settings = Settings(port=0, drain_s=1.0)
    server = Server(settings, 0)
    await server.start(assemble({}, store, settings))
    try:
        async with grpc.aio.insecure_channel(server.address) as channel:
            yield SubjectServiceStub(channel)
    finally:
        await server.stop()


def watching(stub: SubjectServiceStub, token: str = "", gallery: str = "", **call: Any) -> Any:
    """A call that watches."""
    return stub.WatchChanges(subjects_pb2.WatchChangesRequest(resume_token=token, gallery=gallery), **call)


async def read(call: Any, count: int) -> list[Any]:
    """So many answers of a watch."""
    async with asyncio.timeout(30):
        return [await call.read() for _ in range(count)]


async def refusal(call: Any) -> tuple[grpc.StatusCode, str]:
    """Code and reason with which a watch ends."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await read(call, 1)
    return caught.value.code(), error_info(caught.value.trailing_metadata()).reason


def told(answers: list[Any]) -> list[tuple[int, str]]:
    """Kinds and ids."""
    return [(each.kind, each.subject_id) for each in answers]


async def test_changes_are_told_as_they_happen(store: PartitionedStore) -> None:
    """A watcher gets a token at once, then each change; an erasure has the name of the subject and not its id."""
    async with serving(store) as stub:
        call = watching(stub)
        (begin,) = await read(call, 1)
        assert (NOTHING, "", "") == (begin.kind, begin.subject_id, begin.subject_name)
        await store.enroll(enrolment("ann"))
        (put,) = await read(call, 1)
        await store.delete("ann", str(uuid.uuid4()), "d")
        (gone,) = await read(call, 1)
        call.cancel()
    name = subject_name(await store.name_key(), "ann").hex()
    assert [(PUT, "ann", name), (DELETE, "", name)] == [
        (each.kind, each.subject_id, each.subject_name) for each in (put, gone)
    ]


async def test_nothing_is_lost_between_two_watches(store: PartitionedStore) -> None:
    """Whoever begins again with the token of any answer gets exactly the changes after it, also of another server."""
    async with serving(store) as stub:
        call = watching(stub)
        answers = await read(call, 1)
        for number in range(20):
            await store.enroll(enrolment(f"s{number}"))
        answers += await read(call, 20)
        call.cancel()
    ids = [each.subject_id for each in answers[1:]]
    assert {f"s{number}" for number in range(20)} == set(ids)
    await store.enroll(enrolment("last"))
    async with serving(store) as stub:
        for place in (0, 7, 19, 20):
            again = await read(watching(stub, answers[place].resume_token), 21 - place)
            assert {*ids[place:], "last"} == {each.subject_id for each in again}


async def test_a_gallery_is_watched(store: PartitionedStore) -> None:
    """Only changes of its subjects are told, and all erasures."""
    async with serving(store) as stub:
        call = watching(stub, gallery="staff")
        await read(call, 1)
        await store.enroll(enrolment("guest"))
        await store.enroll(enrolment("ann", galleries=("staff", "default")))
        first = await read(call, 1)
        await store.delete("guest", str(uuid.uuid4()), "d")
        assert [(PUT, "ann"), (DELETE, "")] == told(first + await read(call, 1))


async def test_many_watchers_are_told_alike(store: PartitionedStore, caplog: pytest.LogCaptureFixture) -> None:
    """Watchers of other galleries beside each other get what is theirs; unary calls go on meanwhile."""
    caplog.set_level(logging.INFO, "biofusion.call")
    async with serving(store) as stub:
        calls = [watching(stub, gallery=gallery, metadata=[("x-request-id", "w")]) for gallery in ("", "staff") * 10]
        for call in calls:
            await read(call, 1)
        await store.enroll(enrolment("guest"))
        await store.enroll(enrolment("ann", galleries=("staff",)))
        for call in calls[::2]:
            assert {"guest", "ann"} == {each.subject_id for each in await read(call, 2)}
        for call in calls[1::2]:
            assert [(PUT, "ann")] == told(await read(call, 1))
        listed = await stub.ListSubjects(subjects_pb2.ListSubjectsRequest(), timeout=10)
        assert 2 == listed.total_count
    lines = [each.getMessage() for each in caplog.records if "WatchChanges" in each.getMessage()]
    assert [True] * 20 == ["request_id=w" in each for each in lines]


async def test_a_deadline_ends_a_watch(store: PartitionedStore) -> None:
    """A watch whose caller states a deadline ends with it, and not with the default deadline of other calls."""
    async with serving(store) as stub:
        call = watching(stub, timeout=3.0)
        await read(call, 1)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await read(call, 1)
        assert grpc.StatusCode.DEADLINE_EXCEEDED == caught.value.code()
        assert watching(stub).time_remaining() is None


async def test_a_server_that_stops_ends_a_watch() -> None:
    """The watcher gets UNAVAILABLE, and the server does not wait for it to go."""
    settings = Settings(port=0, drain_s=3600.0)
    server = Server(settings, 0)
    await server.start(assemble({}, MemoryStore(), settings))
    async with grpc.aio.insecure_channel(server.address) as channel:
        call = watching(SubjectServiceStub(channel))
        await read(call, 1)
        async with asyncio.timeout(30):
            await server.stop()
        assert grpc.StatusCode.UNAVAILABLE == (await refusal(call))[0]


async def test_a_token_that_cannot_be_used_is_refused(store: PartitionedStore) -> None:
    """No token, one of another store, or one of a single write, which would leave the other partitions out."""
    receipt = await store.enroll(enrolment("ann"))
    async with serving(store) as stub:
        for token in ("no token", "sqlite.0a1b2c3d.", receipt.token, receipt.token.partition("-")[0]):
            assert (grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID") == await refusal(watching(stub, token))
        assert grpc.StatusCode.INVALID_ARGUMENT == (await refusal(watching(stub, gallery="no name")))[0]


async def test_a_token_that_is_too_old_is_told(open_store: OpenStore) -> None:
    """If the feed does not reach back to the token, the watcher learns that it must read all subjects again."""
    store, code = open_store(feed_length=2), ""
    async with serving(store) as stub:
        (begin,) = await read(watching(stub), 1)
        for number in range(2000):
            await store.enroll(enrolment(f"s{number}"))
            if number % 100 == 99 and (code := await _code_of(watching(stub, begin.resume_token))):
                break
    assert "FAILED_PRECONDITION FEED_TRUNCATED" == code


async def _code_of(call: Any) -> str:
    """Code and reason of a watch that ends, "" for one that goes on."""
    try:
        await read(call, 1)
    except grpc.aio.AioRpcError as error:
        return f"{error.code().name} {error_info(error.trailing_metadata()).reason}"
    call.cancel()
    return ""


async def test_a_store_that_fails_ends_a_watch() -> None:
    """The watcher gets UNAVAILABLE, and begins again with its last token."""
    store = MemoryStore()
    async with serving(store) as stub:
        call = watching(stub)
        (begin,) = await read(call, 1)
        await store.enroll(enrolment("ann"))
        store.down = True
        assert (grpc.StatusCode.UNAVAILABLE, "STORE_UNAVAILABLE") == await refusal(call)
        store.down = False
        assert [(PUT, "ann")] == told(await read(watching(stub, begin.resume_token), 1))
