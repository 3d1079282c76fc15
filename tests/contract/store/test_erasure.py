"""Erasure: no copy of an erased subject's templates can be opened, and every byte of the stores is searched."""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from redis.asyncio import Redis

from biometrics.errors import KeyWrong, SubjectNotFound
from biometrics.template import Modality
from gallery.store.port import SubjectStore
from gallery.store.subject_store import PartitionedStore
from tests.support.builders import enrolment, reference
from tests.support.redis.stores import redis_store, table_of
from tests.support.redis_process import RedisProcess
from tests.support.stores.sqlite_store import sqlite_store
from tests.support.telemetry.traces import left_in, secrets_of

FINGERPRINT = Modality.FINGERPRINT


async def enrol(store: SubjectStore, number: int) -> None:
    """Enrol two encounters with up to 200 copies of the subject's secret template."""
    rng, secrets = random.Random(number), secrets_of(number)
    template = reference([number + 0.125, number + 0.25, number + 0.375, number + 0.5])
    for kind, create in (("encounter", True), ("second", False)):
        wanted = enrolment(
            secrets["subject"].decode(),
            *[template] * rng.choice([1, 3, 200]),
            encounter_id=secrets[kind].decode(),
            request_id=secrets["request"].decode() + kind,
            create_subject=create,
        )
        await store.enroll(wanted)


def name(number: int) -> str:
    """The subject's id."""
    return secrets_of(number)["subject"].decode()


async def opened(path: Path) -> PartitionedStore:
    """The store in this file, of 4 partitions, in use."""
    store = sqlite_store(path, partition_count=4)
    await store.ping()
    return store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[PartitionedStore]:
    """A store in a folder of its own."""
    (tmp_path / "live").mkdir()
    store = await opened(tmp_path / "live" / "store.db")
    yield store
    await store.close()


async def test_no_template_is_in_the_files_in_clear(store: PartitionedStore, tmp_path: Path) -> None:
    """Templates are sealed before they are written, and the ids of erased subjects leave the files."""
    for number in range(40):
        await enrol(store, number)
    kinds = {kind for _, kind in left_in(tmp_path, range(40))}
    assert {"subject", "encounter", "second"} == kinds
    for number in range(30):
        await store.delete(name(number), f"r{number}", "d")
    await store.close()
    assert [] == left_in(tmp_path, range(30))
    again = await opened(tmp_path / "live" / "store.db")
    assert 10 == await again.count()
    await again.close()


async def test_a_deletion_is_answered_although_a_reader_holds_the_log(store: PartitionedStore, tmp_path: Path) -> None:
    """A reader keeps old pages of the file in use; the key is destroyed before the answer all the same."""
    await enrol(store, 1)
    with closing(sqlite3.connect(tmp_path / "live" / "store.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
        reader.execute("SELECT * FROM subjects").fetchone()
        await store.delete(name(1), "r", "d")
        shutil.copytree(tmp_path / "live", tmp_path / "copy")
        assert await store.backend.key_slots() == []
    with pytest.raises(SubjectNotFound):
        await store.get(name(1))
    assert "template" not in {kind for _, kind in left_in(tmp_path, range(2))}


async def restored(store: PartitionedStore, tmp_path: Path, *files: str) -> PartitionedStore:
    """Close the store, put files of the backup in the place of its own, and open it."""
    await store.close()
    for each in (tmp_path / "live").glob("store.db-*"):
        each.unlink()
    for each in files:
        shutil.copy(tmp_path / "backup" / each, tmp_path / "live" / each)
    return await opened(tmp_path / "live" / "store.db")


async def backed_up(store: PartitionedStore, tmp_path: Path) -> PartitionedStore:
    """Copy the store's files, and go on with it."""
    await store.close()
    shutil.copytree(tmp_path / "live", tmp_path / "backup")
    return await opened(tmp_path / "live" / "store.db")


async def test_who_was_erased_stays_erased_when_a_backup_is_restored(store: PartitionedStore, tmp_path: Path) -> None:
    """A subject whose key is gone is in no answer, whatever the backup has of it; the others are as they were."""
    for number in range(3):
        await enrol(store, number)
    live = await backed_up(store, tmp_path)
    await live.delete(name(1), "r", "d")
    again = await restored(live, tmp_path, "store.db")
    with pytest.raises(SubjectNotFound):
        await again.get(name(1))
    assert {name(0), name(2)} == set(await again.get_many([name(number) for number in range(3)]))
    for page in (await again.list(9), await again.list_summaries(9)):
        assert [name(0), name(2)] == [each.subject_id for each in page.subjects]
    found = [each async for page in again.references(FINGERPRINT, (), 9) for each in page.subject_ids]
    assert {name(0), name(2)} == set(found)
    assert not (await again.before("other", "d", name(1))).subject_exists
    with pytest.raises(SubjectNotFound):
        await again.enroll(enrolment(name(1), encounter_id="third", create_subject=False))
    await again.close()


async def test_who_was_erased_can_be_enrolled_again_after_a_restore(store: PartitionedStore, tmp_path: Path) -> None:
    """What the backup has of the subject is replaced by the new enrolment, under the same ids; or removed on demand."""
    for number in range(2):
        await enrol(store, number)
    live = await backed_up(store, tmp_path)
    for number in range(2):
        await live.delete(name(number), f"r{number}", "d")
    again = await restored(live, tmp_path, "store.db")
    new = enrolment(name(0), galleries=("g",), encounter_id=secrets_of(0)["encounter"].decode())
    await again.check_enrolment(new)
    assert not (await again.enroll(new)).replayed
    assert (await again.enroll(new)).replayed
    assert (("g",), (new.encounter,)) == ((found := await again.get(name(0))).galleries, found.encounters)
    await again.delete(name(1), "again", "d")
    assert [1, 0, 1] == [await again.count(gallery) for gallery in ("", "default", "g")]
    await again.close()


async def test_templates_with_an_older_key_table_are_opened_until_the_keys_are_rotated(
    store: PartitionedStore, tmp_path: Path
) -> None:
    """A copy of templates and key table is opened by the key file; after a rotation that file does not open it."""
    await enrol(store, 1)
    live = await backed_up(store, tmp_path)
    await live.delete(name(1), "r", "d")
    shutil.copy(tmp_path / "live" / "store.db.key", tmp_path / "backup" / "store.db.key")
    copy = await opened(tmp_path / "backup" / "store.db")
    assert 2 == len((await copy.get(name(1))).encounters)
    await copy.close()
    await live.rotation(await live.backend.identity()).rotate()
    await live.close()
    shutil.copy(tmp_path / "live" / "store.db.key", tmp_path / "backup" / "store.db.key")
    copy = sqlite_store(tmp_path / "backup" / "store.db")
    with pytest.raises(KeyWrong):
        await copy.get(name(1))
    await copy.close()


async def test_an_interrupted_erasure_is_completed(store: PartitionedStore, tmp_path: Path) -> None:
    """If the key table fails, so does the deletion; a repetition, or the next process, destroys the key."""
    for number in range(2):
        await enrol(store, number)
    table = tmp_path / "live" / "store.db.keys"
    for number in range(2):
        table.rename(tmp_path / "away")
        with pytest.raises(Exception, match="key table"):
            await store.delete(name(number), f"r{number}", "d")
        assert 1 == len(await store.backend.key_slots())
        (tmp_path / "away").rename(table)
        if number == 0:
            assert (await store.delete(name(0), "r0", "d")).replayed
        else:
            other = await opened(tmp_path / "live" / "store.db")
            await other.close()
        assert [] == await store.backend.key_slots()


async def test_nothing_of_erased_subjects_is_in_redis(own_redis: RedisProcess) -> None:
    """No template is ever there in clear; after the rewrite that erasing schedules, no id of an erased subject is."""
    async with redis_store(own_redis.url, rewrite_delay_s=0.01) as store:
        for number in range(20):
            await enrol(store, number)
        assert {"subject", "encounter", "second"} == {kind for _, kind in left_in(own_redis.files, range(20))}
        for number in range(15):
            await store.delete(name(number), f"r{number}", "d")
        await table_of(store).rewritten()
        assert [] == left_in(own_redis.files, range(15))
        assert 5 == await store.count()
        async with Redis.from_url(own_redis.url) as client:
            for key in [key async for key in client.scan_iter()]:
                kept = key + (await client.dump(key) or b"")
                assert not [kind for n in range(15) for kind, secret in secrets_of(n).items() if secret in kept]


async def test_many_subjects_are_erased_at_once(store: PartitionedStore) -> None:
    """Concurrent deletions and enrolments leave exactly those that were not erased."""
    for number in range(20):
        await enrol(store, number)
    await asyncio.gather(
        *(store.delete(name(number), f"r{number}", "d") for number in range(10)),
        *(enrol(store, number) for number in range(20, 30)),
    )
    assert {name(number) for number in range(10, 30)} == {each.subject_id for each in (await store.list(99)).subjects}
    assert [] == await store.backend.key_slots()
