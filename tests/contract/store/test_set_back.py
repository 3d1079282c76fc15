"""A store restored to an earlier state while in use: no answer rests on subjects that it has lost."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

import pytest

import gallery.index.status
from biometrics.errors import BiofusionError, FeedSetBack, IndexBehind, StoreSetBack
from biometrics.template import Position
from gallery.index.exact import ExactIndex
from gallery.store.port import SubjectStore
from gallery.store.values import START, ConsistencyToken
from tests.support.builders import enrolment, reference, vector
from tests.support.fakes.comparators import VectorComparator, VectorStack
from tests.support.redis.stores import redis_store
from tests.support.redis_process import RedisProcess
from tests.support.stores.sqlite_store import sqlite_store

GUARD_S = 60.0
"""Longest wait, in seconds, for a server that comes back; a test that waits so long fails."""
PROBE = vector([1, 0, 0, 0])
FINGER = Position.RIGHT_INDEX


class Backups(Protocol):
    """A store with one backup."""

    store: SubjectStore

    async def save(self) -> None:
        """Keep the state."""

    async def restore(self) -> None:
        """Replace the current state by the kept one while programs are running."""


class SqliteBackups:
    """A SQLite file, and a copy that replaces it; the key table is not restored."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.store: SubjectStore = sqlite_store(folder / "store.db", partition_count=4)

    async def save(self) -> None:
        """See Backups."""
        await self.store.ping()
        await self.store.close()
        shutil.copy(self._folder / "store.db", self._folder / "backup")
        self.store = sqlite_store(self._folder / "store.db")

    async def restore(self) -> None:
        """See Backups."""
        for log in self._folder.glob("store.db-*"):
            log.unlink()
        shutil.move(self._folder / "backup", self._folder / "store.db")


class RedisBackups:
    """A Redis server, and a copy of its files, with the key table in it."""

    def __init__(self, folder: Path, server: RedisProcess, store: SubjectStore) -> None:
        self._folder, self._server = folder, server
        self.store = store

    async def save(self) -> None:
        """See Backups."""
        self._server.save(self._folder / "backup")
        self._server.start()

    async def restore(self) -> None:
        """See Backups."""
        self._server.restore(self._folder / "backup")
        self._server.start()


@pytest.fixture(autouse=True)
def _keys_are_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unused keys are looked for in the key table before each use: it may have been set back in the last 0.25 s."""
    monkeypatch.setattr("gallery.sealing.subject_keys.VERIFIED_S", 0.0)


@pytest.fixture(params=["sqlite", "redis"])
async def backups(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Backups]:
    """Each kind of store in turn."""
    if request.param == "sqlite":
        made = SqliteBackups(tmp_path)
        yield made
        await made.store.close()
        return
    server: RedisProcess = request.getfixturevalue("own_redis")
    async with redis_store(server.url) as store:
        yield RedisBackups(tmp_path, server, store)


async def persistently(store: SubjectStore, *names: str) -> list[ConsistencyToken]:
    """Enrol subjects, repeating while the client still has broken connections."""
    tokens = []
    for name in names:
        wanted = enrolment(name, reference([1, 0, 0, 0]), request_id=f"{name}-again")
        async with asyncio.timeout(GUARD_S):
            while True:
                try:
                    tokens.append((await store.enroll(wanted)).token)
                    break
                except BiofusionError:
                    await asyncio.sleep(0)  # lets the client go on; no time is waited for
    return tokens


async def test_writes_since_the_backup_are_known_to_be_lost(backups: Backups) -> None:
    """Positions of the lost history differ from those of the new one, even at equal numbers.

    Older ones stay valid until a reader finds out; then a new epoch begins, and no token from before it is believed.
    """
    await persistently(backups.store, "before")
    await backups.save()
    kept = await backups.store.position()
    lost = await persistently(backups.store, "lost-1", "lost-2", "lost-3")
    await backups.restore()
    new = await persistently(backups.store, "new-1", "new-2")
    store = backups.store
    await store.check(kept, *new)
    assert set(new) == {change.token for change in await store.changes(kept, 10, 0)}
    for token in lost:
        with pytest.raises(StoreSetBack, match="not in the store any more"):
            await store.check(token)
        with pytest.raises(FeedSetBack):
            await store.changes(token, 10, 0)
        with pytest.raises(StoreSetBack):
            await store.check(kept)
    await store.check(await store.position())
    assert ["before", "new-1", "new-2"] == [subject.subject_id for subject in (await store.list(9)).subjects]


async def found(index: ExactIndex[VectorStack], token: ConsistencyToken) -> set[str]:
    """The subjects found by a search that waits for a token."""
    async with index.confirmed(token):
        hits = await asyncio.to_thread(index.search, PROBE, FINGER, "default", 50)
    return {hit.subject_id for hit in hits}


async def test_no_search_finds_lost_subjects(backups: Backups, caplog: pytest.LogCaptureFixture) -> None:
    """After the restore a search fails or finds exactly the store's subjects; the log says why."""
    await persistently(backups.store, "before")
    await backups.save()
    index = ExactIndex(backups.store, VectorComparator())
    await index.start()
    tokens = await persistently(backups.store, "ghost-1", "ghost-2")
    await index.wait_for(tokens[-1], 30)
    origin = await backups.store.origin()
    assert {"before", "ghost-1", "ghost-2"} == await found(index, origin)
    with caplog.at_level(logging.WARNING):
        await backups.restore()
        await persistently(backups.store, "new")
        answers: list[set[str]] = []
        async with asyncio.timeout(60):
            while "new" not in set().union(*answers):
                try:
                    answers.append(await found(index, origin))
                except BiofusionError:
                    await asyncio.sleep(0)  # lets the index go on; no time is waited for
    assert all(answer <= {"before", "new"} for answer in answers)
    assert "set back" in caplog.text
    with pytest.raises(StoreSetBack):
        await found(index, tokens[-1])
    (token,) = await persistently(backups.store, "newer")
    await index.wait_for(token, 30)
    assert {"before", "new", "newer"} == await found(index, token)
    await index.close()


async def test_an_index_is_not_ready_from_the_restore_until_it_is_loaded_anew(
    backups: Backups, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first search after the restore drops the old copy; health and searches report that until it is reloaded."""
    await backups.save()
    index = ExactIndex(backups.store, VectorComparator())
    await index.start()
    tokens = await persistently(backups.store, "ghost")
    await index.wait_for(tokens[-1], 30)
    await index.close()  # the index no longer follows the feed
    await backups.restore()
    await persistently(backups.store, "new")
    with pytest.raises(IndexBehind):
        await found(index, START)
    assert not index.is_ready
    with pytest.raises(IndexBehind):
        index.search(PROBE, FINGER, "default", 5)
    monkeypatch.setattr(gallery.index.status, "NOTICE_S", 3600.0)
    await index.start()
    assert {"new"} == await found(index, START)
    assert (True, False) == (index.is_ready, index.is_healthy)
    await index.close()
