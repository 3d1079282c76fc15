"""What an added encounter costs: it writes only what is new, however many encounters the subject has."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from gallery.store.port import SubjectStore
from tests.contract.conftest import OpenStore
from tests.support.builders import enrolment, reference
from tests.support.redis.stores import redis_store
from tests.support.redis_process import RedisProcess

ENCOUNTERS = 400
TEMPLATE = reference([number / 8 for number in range(512)])


async def add(store: SubjectStore, number: int) -> None:
    """Add an encounter with one template of 2 KB."""
    await store.enroll(enrolment("anna", TEMPLATE, encounter_id=f"e{number}", create_subject=number == 0))


async def test_the_400th_encounter_writes_what_the_second_writes_in_redis(own_redis: RedisProcess) -> None:
    """The append-only file grows by at most 2 % more, as numbers have more digits."""
    sizes = []
    async with redis_store(own_redis.url) as store:
        for number in range(ENCOUNTERS):
            await add(store, number)
            sizes.append(sum(file.stat().st_size for file in own_redis.files.iterdir()))
    assert sizes[-1] - sizes[-2] <= 1.02 * (sizes[2] - sizes[1])


async def test_the_400th_encounter_writes_what_the_second_writes_in_sqlite(
    open_sqlite: OpenStore, tmp_path: Path
) -> None:
    """The log grows by some pages each time, 128 KB at most, and in the last 100 by 1.5 times as much as at first."""
    store, grown = open_sqlite(), []
    await add(store, 0)
    with closing(sqlite3.connect(tmp_path / "store.db")) as other:
        for number in range(1, ENCOUNTERS):
            assert (0, 0, 0) == other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            await add(store, number)
            grown.append((tmp_path / "store.db-wal").stat().st_size)
    assert max(grown) <= 1 << 17
    assert sum(grown[-100:]) <= 1.5 * sum(grown[:100])
