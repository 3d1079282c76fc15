"""Callers that give up and servers that hang: a write is done once or not at all, and no call waits forever."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from biometrics.errors import StoreUnavailable
from gallery.store.port import SubjectStore
from gallery.store.redis.store import RedisStore
from gallery.store.sqlite.store import SqliteStore
from gallery.store.values import START
from tests.support.builders import enrolment
from tests.support.redis_process import RedisProcess

OpenStore = Callable[..., SubjectStore]

GUARD_S = 60.0
"""A timeout, seconds, that no call under test reaches on any machine."""


async def given_up(store: SubjectStore, number: int, steps: int) -> None:
    """An enrolment whose caller gives up after `steps` steps of the event loop."""
    task = asyncio.create_task(store.enroll(enrolment(f"s{number}", request_id=f"r{number}")))
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_write_whose_caller_gave_up_is_carried_out_once_when_it_is_repeated(store: SubjectStore) -> None:
    """100 writes given up at any moment and repeated by request id leave one encounter and one change each."""
    rng = random.Random(5)
    await store.ping()
    await asyncio.gather(*(given_up(store, number, rng.randrange(200)) for number in range(100)))
    stored = {subject.subject_id for subject in (await store.list(200)).subjects}
    for number in range(100):
        before = await store.before(f"r{number}", "d", f"s{number}")
        if f"s{number}" in stored:
            assert (True, True) == (before.done is not None, before.subject_exists)
        receipt = await store.enroll(enrolment(f"s{number}", request_id=f"r{number}"))
        assert receipt.replayed or f"s{number}" not in stored
    assert [1] * 100 == [len(subject.encounters) for subject in (await store.list(200)).subjects]
    changes = await store.changes(START, 1000, 0)
    assert (100, 100) == (len(changes), len({change.name for change in changes}))


async def test_a_write_given_up_while_it_waits_is_not_begun(tmp_path: Path) -> None:
    """Of two writes that wait while another process locks the file, the one given up is never stored."""
    store = SqliteStore(tmp_path / "store.db", busy_timeout_s=GUARD_S)
    await store.enroll(enrolment("first"))
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    kept, left = (asyncio.create_task(store.enroll(enrolment(name, request_id=name))) for name in ("kept", "left"))
    await asyncio.sleep(0)
    left.cancel()
    await asyncio.gather(left, return_exceptions=True)
    other.close()
    await kept
    assert {"first", "kept"} == {subject.subject_id for subject in (await store.list(9)).subjects}
    assert None is (await store.before("left", "d", "left")).done
    assert not (await store.enroll(enrolment("left", request_id="left"))).replayed
    await store.close()


async def test_writes_that_share_a_transaction_are_refused_each_for_itself(open_store: OpenStore) -> None:
    """Of 60 writes at once the 20 that are refused leave no trace, and the others are all there."""
    store = open_store()
    await store.enroll(enrolment("taken"))
    wanted = [enrolment("taken" if number % 3 == 0 else f"s{number}", request_id=f"r{number}") for number in range(60)]
    outcomes = await asyncio.gather(*(store.enroll(each) for each in wanted), return_exceptions=True)
    assert 20 == sum(isinstance(outcome, Exception) for outcome in outcomes)
    assert (41, 41) == (await store.count(), len(await store.changes(START, 1000, 0)))
    tokens = [outcome.token for outcome in outcomes if not isinstance(outcome, BaseException)]
    assert len(tokens) == len(set(tokens))
    await store.check(*tokens)


async def test_a_hanging_redis_costs_its_callers_one_timeout(own_redis: RedisProcess) -> None:
    """Running calls end after one timeout, later ones fail at once, and the server is used again when it answers."""
    store = RedisStore(own_redis.url)
    await store.enroll(enrolment("anna"))
    reader = asyncio.create_task(store.changes(await store.position(), 10, GUARD_S))
    os.kill(own_redis.pid, signal.SIGSTOP)
    try:
        async with asyncio.timeout(GUARD_S):
            for outcome in await asyncio.gather(
                *(store.get("anna") for _ in range(40)), reader, return_exceptions=True
            ):
                assert isinstance(outcome, StoreUnavailable)
            for _ in range(1000):  # 1,000 times 10 s, if each waited on its own
                with pytest.raises(StoreUnavailable, match="does not answer"):
                    await store.get("anna")
    finally:
        os.kill(own_redis.pid, signal.SIGCONT)
    async with asyncio.timeout(GUARD_S):
        while True:
            try:
                assert "anna" == (await store.get("anna")).subject_id
                break
            except StoreUnavailable:
                await asyncio.sleep(0)  # lets the client go on; no time is waited for
    await store.close()


async def test_a_write_that_a_hanging_redis_took_is_found_by_its_request(own_redis: RedisProcess) -> None:
    """A write that was sent before the timeout and is repeated by request id gives one encounter."""
    store = RedisStore(own_redis.url)
    await store.ping()
    os.kill(own_redis.pid, signal.SIGSTOP)
    try:
        with pytest.raises(StoreUnavailable):
            await store.enroll(enrolment("anna", request_id="r"))
    finally:
        os.kill(own_redis.pid, signal.SIGCONT)
    async with asyncio.timeout(GUARD_S):
        while True:
            try:
                await store.enroll(enrolment("anna", request_id="r"))
                break
            except StoreUnavailable:
                await asyncio.sleep(0)  # lets the client go on; no time is waited for
    assert (1, 1) == (await store.count(), len(await store.changes(START, 10, 0)))
    await store.close()


async def test_a_call_waits_no_longer_than_its_caller(own_redis: RedisProcess) -> None:
    """A caller without time left does not wait for a hanging server."""
    store = RedisStore(own_redis.url, left_s=lambda: 0.01)
    await asyncio.gather(store.ping(), return_exceptions=True)
    os.kill(own_redis.pid, signal.SIGSTOP)
    try:
        async with asyncio.timeout(GUARD_S):
            for _ in range(20):
                with pytest.raises(StoreUnavailable):
                    await store.ping()
    finally:
        os.kill(own_redis.pid, signal.SIGCONT)
    await store.close()
