"""Migrating stores of schema version 1: content is kept, and plain ids in feeds and receipts are removed."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from gallery.store.redis.store import RedisStore
from gallery.store.sqlite.store import SqliteStore
from redis.asyncio import Redis

from gallery.store.values import START
from gallery.subject import Subject
from tests.support.builders import encounter, enrolment, reference
from tests.support.old_stores import make_redis_of_version_1, make_store_of_version_1
from tests.support.redis_process import RedisProcess
from tests.support.traces import everything_in, left_in


async def test_a_sqlite_file_of_version_1_loses_the_ids_in_its_feed_and_receipts(tmp_path: Path) -> None:
    """Subjects, galleries and receipts are kept, under hashes; ids of the old feed remain nowhere."""
    subjects = [Subject(f"subject-{n}", ("a", "b"), (encounter(reference([n, 0, 0, 0])),)) for n in range(50)]
    make_store_of_version_1(tmp_path / "store.db", subjects, create_time=1e12)
    with sqlite3.connect(tmp_path / "store.db") as old:
        old.execute("INSERT INTO changes (kind, subject_id) VALUES ('DELETE', 'subject-1-that-must-go')")
    old.close()
    store = SqliteStore(tmp_path / "store.db", rewrite_delay_s=0.01)
    assert tuple(sorted(subjects, key=lambda each: each.subject_id)) == (await store.list(100, gallery="a")).subjects
    assert (50, 50, 0) == (await store.count(), await store.count("b"), await store.count("default"))
    await store.overwritten()
    assert [] == left_in(tmp_path, range(1, 2))
    assert b"request-subject-7" not in everything_in(tmp_path)
    again = enrolment("subject-7", request_id="request-subject-7")
    assert (await store.enroll(again)).replayed
    await store.delete("subject-7", "r", "d")
    await store.overwritten()
    assert b"subject-7" not in everything_in(tmp_path)
    await store.close()


async def test_a_redis_store_of_version_1_loses_the_ids_in_its_feed_and_receipts(own_redis: RedisProcess) -> None:
    """Several programs that open the store at once keep subjects, galleries, models and receipts, under hashes."""
    subjects = [Subject(f"subject-{n:02}", ("a", "b"), (encounter(reference([n, 0, 0, 0])),)) for n in range(50)]
    async with Redis.from_url(own_redis.url) as client:
        requests = await make_redis_of_version_1(client, subjects)
        stores = [RedisStore(own_redis.url, rewrite_delay_s=0.01) for _ in range(4)]
        assert [50] * 4 == await asyncio.gather(*(store.count() for store in stores))
        keys = b" ".join([key async for key in client.scan_iter()])
        assert not [one for one in (*requests, *requests.values()) if one.encode() in keys]
        assert not await client.exists("{biofusion}:feed", "{biofusion}:migration")
    store = stores[0]
    assert tuple(subjects) == (await store.list(100, gallery="a")).subjects
    assert (50, "text", []) == (await store.count("b"), await store.model("fusion-1"), await store.changes(START, 5, 0))
    assert (await stores[1].enroll(enrolment("subject-07", request_id=requests["subject-07"]))).replayed
    await store.delete("subject-07", "r", "d")
    await store.overwritten()
    assert b"subject-07" not in everything_in(own_redis.files)
    for each in stores:
        await each.close()
