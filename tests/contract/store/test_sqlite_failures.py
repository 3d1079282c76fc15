"""SQLite files that are locked, failing, restored or foreign give named errors and leave nothing half-written."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from biometrics.errors import ConfigurationInvalid, FeedTruncated, StoreUnavailable
from gallery.store.port import SubjectStore
from gallery.store.sqlite.store import SqliteStore
from tests.support.builders import content, enrolment, reference

OpenStore = Callable[..., SubjectStore]

SECRET = [1234.5, 2345.5, 3456.5, 4567.5]
"""Values of a template that occur nowhere else."""


async def test_sqlite_writes_nothing_when_it_fails_midway(open_sqlite: OpenStore, tmp_path: Path) -> None:
    """A failure at the last insert of an enrolment leaves no trace of the earlier ones, and a repetition succeeds."""
    store = open_sqlite()
    await store.enroll(enrolment("anna"))
    before = await content(store)
    with sqlite3.connect(tmp_path / "store.db") as other:
        other.execute("CREATE TRIGGER fail BEFORE INSERT ON requests BEGIN SELECT RAISE(ABORT, 'disk'); END")
    wanted = enrolment("ben", galleries=("g",), request_id="r")
    with pytest.raises(StoreUnavailable):
        await store.enroll(wanted)
    assert before == await content(store)
    other.execute("DROP TRIGGER fail")
    other.close()
    assert not (await store.enroll(wanted)).replayed


async def test_a_restored_sqlite_file_truncates_the_feed_of_those_ahead_of_it(tmp_path: Path) -> None:
    """A reader whose position is beyond the backup must rebuild."""
    first = SqliteStore(tmp_path / "store.db")
    await first.enroll(enrolment("anna"))
    await first.close()
    backup = (tmp_path / "store.db").read_bytes()
    second = SqliteStore(tmp_path / "store.db")
    ahead = (await second.enroll(enrolment("ben"))).token
    await second.close()
    (tmp_path / "store.db").write_bytes(backup)
    third = SqliteStore(tmp_path / "store.db")
    with pytest.raises(FeedTruncated):
        await third.changes(ahead, 10, 0)
    await third.close()


async def test_a_locked_sqlite_file_is_unavailable_and_works_again_when_it_is_free(tmp_path: Path) -> None:
    """A write blocked by another process beyond the busy timeout fails; reads continue; later writes succeed."""
    store = SqliteStore(tmp_path / "store.db", busy_timeout_s=0.01)
    await store.enroll(enrolment("anna"))
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable):
        await store.enroll(enrolment("ben"))
    assert 1 == await store.count()
    other.close()
    await store.enroll(enrolment("ben"))
    assert 2 == await store.count()
    await store.close()


def holders(folder: Path, secret: bytes) -> list[str]:
    """Files that contain these bytes."""
    return [file.name for file in folder.iterdir() if secret in file.read_bytes()]


async def test_an_erased_template_is_nowhere_in_the_sqlite_files(open_sqlite: OpenStore, tmp_path: Path) -> None:
    """After the deletion neither the file nor its log contains the template's bytes, which were there before."""
    store = open_sqlite()
    secret = reference(SECRET)
    await store.enroll(enrolment("anna", reference([1, 2, 3, 4])))
    await store.enroll(enrolment("ben", *[secret] * 500))
    await store.enroll(enrolment("ben", secret, encounter_id="e2", create_subject=False))
    assert holders(tmp_path, secret.template.data)
    await store.delete("ben", "r", "d")
    assert [] == holders(tmp_path, secret.template.data)
    assert 1 == await store.count()


async def test_the_sqlite_file_is_its_owners_only(tmp_path: Path) -> None:
    """File and log are readable by their owner only."""
    store = SqliteStore(tmp_path / "new" / "folder" / "store.db")
    await store.enroll(enrolment("anna"))
    modes = {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "new" / "folder").iterdir()}
    assert {0o600} == modes
    await store.close()


async def test_many_stores_may_open_a_new_sqlite_file_at_once(open_sqlite: OpenStore) -> None:
    """Eight stores that open the file at the same moment agree on one store id."""
    stores = [open_sqlite() for _ in range(8)]
    assert 1 == len(set(await asyncio.gather(*(store.position() for store in stores))))


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
    store = SqliteStore(path)
    with pytest.raises(ConfigurationInvalid):
        await store.ping()
    await store.close()
    assert before == path.read_bytes()


async def test_a_newer_sqlite_schema_is_refused(open_sqlite: OpenStore, tmp_path: Path) -> None:
    """A file of a newer schema version is refused with that version."""
    await open_sqlite().ping()
    with sqlite3.connect(tmp_path / "store.db") as other:
        other.execute("UPDATE store SET schema_version = 3")
    other.close()
    with pytest.raises(ConfigurationInvalid, match="schema version 3"):
        await open_sqlite().ping()


async def test_receipts_of_sqlite_are_forgotten_after_their_time(tmp_path: Path) -> None:
    """A request id is known for its time to live and new afterwards."""
    now = 1000.0
    store = SqliteStore(tmp_path / "store.db", receipt_ttl_s=60, clock=lambda: now)
    await store.enroll(enrolment("anna", request_id="r"))
    now = 1059.0
    assert None is not (await store.before("r", "d", "anna")).done
    now = 1061.0
    assert None is (await store.before("r", "d", "anna")).done
    await store.enroll(enrolment("ben", request_id="r", digest="other"))
    await store.close()
