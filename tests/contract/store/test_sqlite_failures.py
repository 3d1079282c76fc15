"""SQLite files that are locked, full, failing, restored or foreign give named errors and leave nothing half-written."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from biometrics.errors import FeedSetBack, StoreSetBack, StoreUnavailable
from biometrics.template import Modality
from gallery.store.subject_store import PartitionedStore
from gallery.store.values import START
from tests.support.builders import content, enrolment, reference

OpenStore = Callable[..., PartitionedStore]

SECRET = [1234.5, 2345.5, 3456.5, 4567.5]
"""Values of a template that occur nowhere else."""


@pytest.mark.parametrize("table", ["encounters", "references_fingerprint", "memberships", "changes", "requests"])
async def test_sqlite_writes_nothing_when_it_fails_midway(
    open_sqlite_file: OpenStore, tmp_path: Path, table: str
) -> None:
    """A failure at any insert of an enrolment leaves no trace of the others, and a repetition succeeds."""
    store = open_sqlite_file()
    await store.enroll(enrolment("anna"))
    before = await content(store)
    with sqlite3.connect(tmp_path / "store.db") as other:
        other.execute(f"CREATE TRIGGER fail BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'disk'); END")
    wanted = enrolment("ben", galleries=("g",), request_id="r")
    with pytest.raises(StoreUnavailable):
        await store.enroll(wanted)
    assert before == await content(store)
    other.execute("DROP TRIGGER fail")
    other.close()
    assert not (await store.enroll(wanted)).replayed
    assert 2 == await store.count()


async def test_a_restored_sqlite_file_sets_back_those_ahead_of_it(open_sqlite_file: OpenStore, tmp_path: Path) -> None:
    """A position beyond the backup is refused, also after as many new writes, and its reader must rebuild."""
    first = open_sqlite_file(partition_count=1)
    await first.enroll(enrolment("anna"))
    await first.close()
    backup = (tmp_path / "store.db").read_bytes()
    second = open_sqlite_file()
    ahead = (await second.enroll(enrolment("ben"))).token
    await second.close()
    (tmp_path / "store.db").write_bytes(backup)
    third = open_sqlite_file()
    for subject_id in ("carl", "dora"):
        with pytest.raises(StoreSetBack):
            await third.check(ahead)
        await third.enroll(enrolment(subject_id))
    with pytest.raises(FeedSetBack):
        await third.changes(ahead, 10, 0)
    assert {"anna", "carl", "dora"} == {each.subject_id for each in (await third.list(9)).subjects}
    assert 3 == len(await third.changes(START, 10, 0))


async def test_a_locked_sqlite_file_is_unavailable_and_works_again_when_it_is_free(
    open_sqlite_file: OpenStore, tmp_path: Path
) -> None:
    """A write blocked by another process beyond the busy timeout fails; reads continue; later writes succeed."""
    store = open_sqlite_file(busy_timeout_s=0.01)
    await store.enroll(enrolment("anna"))
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable):
        await store.enroll(enrolment("ben"))
    assert 1 == await store.count()
    other.close()
    await store.enroll(enrolment("ben"))
    assert 2 == await store.count()


FULL = """
import asyncio, resource, signal, sys
from pathlib import Path
from biometrics.errors import StoreUnavailable
from tests.support.builders import enrolment, reference
from tests.support.stores.sqlite_store import sqlite_store

async def main():
    store = sqlite_store(Path(sys.argv[1]))
    await store.enroll(enrolment("first"))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
    outcomes = await asyncio.gather(
        *(store.enroll(enrolment(f"s{n}", *[reference([n, 0, 0, 0])] * 1000, request_id=f"r{n}")) for n in range(400)),
        return_exceptions=True,
    )
    assert all(not isinstance(each, BaseException) or isinstance(each, StoreUnavailable) for each in outcomes), outcomes
    assert 1 + sum(not isinstance(each, BaseException) for each in outcomes) == await store.count()
    print(*(n for n, each in enumerate(outcomes) if not isinstance(each, BaseException)))
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await store.enroll(enrolment("last"))
    await store.close()

asyncio.run(main())
"""
"""Enrols until no file may grow any more, and again when they may; prints what was acknowledged."""


async def test_a_full_disk_is_unavailable_and_writes_nothing_by_halves(
    open_sqlite_file: OpenStore, tmp_path: Path
) -> None:
    """Writes that do not fit fail, those acknowledged are there, and writing goes on when there is room again."""
    ended = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", FULL, str(tmp_path / "store.db"), str(5 << 20)],
        check=True,
        capture_output=True,
        text=True,
    )
    done = {f"s{number}" for number in ended.stdout.split()}
    assert 0 < len(done) < 400
    store = open_sqlite_file()
    subjects = (await store.list(1000)).subjects
    assert {"first", "last"} | done == {each.subject_id for each in subjects}
    assert {1000} == {len(each.encounters[0].references) for each in subjects if each.subject_id in done}
    assert len(subjects) == await store.count() == len(await store.changes(START, 1000, 0))
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def holders(folder: Path, secret: bytes) -> list[str]:
    """Files that contain these bytes."""
    return [file.name for file in folder.iterdir() if secret in file.read_bytes()]


async def test_no_template_is_in_the_sqlite_files(open_sqlite_file: OpenStore, tmp_path: Path) -> None:
    """Neither before an erasure nor after it does any file hold a template's bytes."""
    store = open_sqlite_file()
    secret = reference(SECRET)
    await store.enroll(enrolment("anna", reference([1, 2, 3, 4])))
    await store.enroll(enrolment("ben", *[secret] * 500))
    await store.enroll(enrolment("ben", secret, encounter_id="e2", create_subject=False))
    assert [] == holders(tmp_path, secret.template.data)
    assert (secret,) == (await store.get("ben")).encounters[1].references
    await store.delete("ben", "r", "d")
    assert [] == holders(tmp_path, secret.template.data)
    assert 1 == await store.count()


async def test_an_erasure_is_answered_while_a_reader_uses_the_log(open_sqlite_file: OpenStore, tmp_path: Path) -> None:
    """It is complete at once, as the subject's key is destroyed; old rows, put back, give no subject."""
    store = open_sqlite_file()
    await store.enroll(enrolment("anna", request_id="r"))
    reader = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    reader.execute("BEGIN")
    (rows,) = reader.execute("SELECT count(*) FROM references_fingerprint").fetchone()
    copy = sqlite3.connect(tmp_path / "copy.db")
    reader.backup(copy)
    copy.close()
    await store.delete("anna", "d", "d")
    reader.close()
    await store.close()
    assert 1 == rows
    for name in ("store.db", "store.db-wal", "store.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / "copy.db").rename(tmp_path / "store.db")
    restored = open_sqlite_file()
    assert {} == await restored.get_many(["anna"])
    assert () == (await restored.list(10)).subjects
    pages = [page async for page in restored.references(Modality.FINGERPRINT, (), 10)]
    assert [] == [subject_id for page in pages for subject_id in page.subject_ids]


@pytest.mark.parametrize("column", ["sealed", "head"])
async def test_a_row_that_cannot_be_read_stops_no_scan(
    open_sqlite_file: OpenStore, tmp_path: Path, column: str
) -> None:
    """The other subjects are read, and the name of the damaged one is told."""
    store = open_sqlite_file()
    for subject_id in ("anna", "ben", "carl"):
        await store.enroll(enrolment(subject_id))
    table, key = ("references_fingerprint", "id / 65536") if column == "sealed" else ("subjects", "number")
    with sqlite3.connect(tmp_path / "store.db") as other:
        other.execute(f"UPDATE {table} SET {column} = x'00ff00' WHERE {key} = 2")
    other.close()
    pages = [page async for page in store.references(Modality.FINGERPRINT, (), 2)]
    assert ["anna", "carl"] == [subject_id for page in pages for subject_id in page.subject_ids]
    name = (await store.backend.identity()).key("ben").name
    assert [name] == [each for page in pages for each in page.unreadable]
