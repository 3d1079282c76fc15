"""SQLite files: who may read them, how they are opened and closed, and which are refused."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from biometrics.errors import ConfigurationInvalid, StoreUnavailable
from gallery.store.sqlite.schema import ADDED
from gallery.store.subject_store import PartitionedStore
from tests.support.builders import START_TIME, encounter, enrolment, reference
from tests.support.stores.sqlite_store import sqlite_store

OpenStore = Callable[..., PartitionedStore]


async def test_the_sqlite_files_are_their_owners_only(tmp_path: Path) -> None:
    """File, log, key table and key are readable by their owner only."""
    store = sqlite_store(tmp_path / "new" / "folder" / "store.db")
    await store.enroll(enrolment("anna"))
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "new" / "folder").iterdir()}
    assert {"store.db", "store.db-wal", "store.db-shm", "store.db.keys", "store.db.key"} <= set(modes)
    assert {0o600} == set(modes.values())
    await store.close()


async def test_many_stores_may_open_a_new_sqlite_file_at_once(open_sqlite_file: OpenStore) -> None:
    """Eight stores that open the file at the same moment agree on one store id, one key table and one key."""
    stores = [open_sqlite_file() for _ in range(8)]
    assert 1 == len(set(await asyncio.gather(*(store.origin() for store in stores))))
    await asyncio.gather(*(each.enroll(enrolment(f"s{number}")) for number, each in enumerate(stores)))
    for each in stores:
        assert 8 == len((await each.list(10)).subjects)


async def test_a_closed_store_is_unavailable(open_sqlite_file: OpenStore) -> None:
    """Reads and writes after `close` are refused."""
    store = open_sqlite_file()
    await store.enroll(enrolment("anna"))
    await store.close()
    for call in (store.enroll(enrolment("ben")), store.get("anna"), store.count()):
        with pytest.raises(StoreUnavailable):
            await call


@pytest.mark.parametrize("content", [b"no database" * 500, b""])
async def test_a_file_that_is_no_store_is_refused(tmp_path: Path, content: bytes) -> None:
    """Other bytes, and another program's database, are a configuration error and stay unchanged."""
    path = tmp_path / "other.db"
    path.write_bytes(content)
    if not content:
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE theirs (x)")
        other.close()
    before = path.read_bytes()
    store = sqlite_store(path)
    with pytest.raises(ConfigurationInvalid):
        await store.ping()
    await store.close()
    assert before == path.read_bytes()


async def test_a_file_from_before_tables_were_added_is_opened(tmp_path: Path) -> None:
    """It is given the tables that it lacks, by whichever of several processes comes first, and all work on."""
    path = tmp_path / "store.db"
    store = sqlite_store(path)
    await store.enroll(enrolment("anna"))
    await store.close()
    with sqlite3.connect(path) as file:
        for table in ADDED:
            file.execute(f"DROP TABLE {table}")
    file.close()
    stores = [sqlite_store(path) for _ in range(4)]
    await asyncio.gather(*(each.ping() for each in stores))
    await stores[0].set_retention("anna", "e1", START_TIME, "r1", "d")
    await stores[1].set_alias("live", "default", "r2", "d")
    await stores[2].replace_encounter("anna", encounter(reference([1, 1, 1, 1])), "r3", "d")
    assert 1 == len(await stores[3].expired(datetime.now(UTC), 9))
    await stores[3].delete("anna", "r4", "d")
    for each in stores:
        await each.close()
