"""Callers that give up: a write is done once or not at all, and writes that share a transaction do not share a fate."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gallery.store.port import SubjectStore
from gallery.store.values import START
from tests.support.builders import enrolment
from tests.support.stores.sqlite_store import sqlite_store

GUARD_S = 60.0
"""A timeout, seconds, that no call under test reaches on any machine."""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SubjectStore]:
    """An empty store in SQLite."""
    opened = sqlite_store(tmp_path / "store.db")
    yield opened
    await opened.close()


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
    store = sqlite_store(tmp_path / "store.db", busy_timeout_s=GUARD_S)
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


async def test_writes_that_share_a_transaction_are_refused_each_for_itself(store: SubjectStore) -> None:
    """Of 60 writes at once the 20 that are refused leave no trace, and the others are all there."""
    await store.enroll(enrolment("taken"))
    wanted = [enrolment("taken" if number % 3 == 0 else f"s{number}", request_id=f"r{number}") for number in range(60)]
    outcomes = await asyncio.gather(*(store.enroll(each) for each in wanted), return_exceptions=True)
    assert 20 == sum(isinstance(outcome, Exception) for outcome in outcomes)
    assert (41, 41) == (await store.count(), len(await store.changes(START, 1000, 0)))
    tokens = [outcome.token for outcome in outcomes if not isinstance(outcome, BaseException)]
    assert len(tokens) == len(set(tokens))
    await store.check(*tokens)
