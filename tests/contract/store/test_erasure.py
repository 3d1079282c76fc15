"""Erasure: every byte of both stores is searched for erased ids and templates."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from gallery.store.redis.store import RedisStore
from gallery.store.sqlite.store import SqliteStore
from redis.asyncio import Redis

from biometrics.errors import StoreUnavailable, SubjectNotFound
from gallery.store.port import SubjectStore
from tests.support.builders import enrolment, reference
from tests.support.redis_process import RedisProcess
from tests.support.traces import everything_in, left_in, secrets_of


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


async def test_nothing_of_erased_subjects_is_in_the_sqlite_files(tmp_path: Path) -> None:
    """After 40 of 60 subjects are erased in random order, while others are enrolled, none of their data remains."""
    store = SqliteStore(tmp_path / "store.db", rewrite_delay_s=0.01)
    for number in range(60):
        await enrol(store, number)
    assert {"subject", "encounter", "second", "template"} == {kind for _, kind in left_in(tmp_path, range(40))}
    order = random.Random(1).sample(range(40), 40)
    for number in order:
        await store.delete(secrets_of(number)["subject"].decode(), f"r{number}", "d")
        await enrol(store, 100 + number)
    assert not [kind for _, kind in left_in(tmp_path, range(40)) if kind == "template"]
    await store.overwritten()
    assert [] == left_in(tmp_path, range(40))
    assert (60, []) == (await store.count(), left_in(tmp_path, range(60, 100)))
    await store.close()
    assert [] == left_in(tmp_path, range(40))


async def test_full_pages_keep_nothing_of_who_is_erased(tmp_path: Path) -> None:
    """Split index pages keep copies of rows that moved to other pages, until the file is rewritten."""
    store = SqliteStore(tmp_path / "store.db", rewrite_delay_s=3600)
    erased = [f"Erased-subject-{number}" for number in range(100)]
    others = [f"{kind}-{number}" for kind in ("person", "other") for number in range(100)]
    for name in [*(each for pair in zip(erased, others[:100], strict=True) for each in pair), *others[100:]]:
        await store.enroll(enrolment(name))
    for name in erased:
        await store.delete(name, f"delete-{erased.index(name)}", "d")
    assert b"Erased-subject" in everything_in(tmp_path)  # otherwise the test would prove nothing
    await store.close()
    other = SqliteStore(tmp_path / "store.db", rewrite_delay_s=0.01)
    await other.ping()
    await other.overwritten()
    assert b"Erased-subject" not in everything_in(tmp_path)
    assert 200 == await other.count()
    await other.close()


async def test_nothing_of_erased_subjects_is_in_redis(own_redis: RedisProcess) -> None:
    """No key, value, feed entry or, after the rewrite that erasing schedules, append-only file has erased data."""
    store = RedisStore(own_redis.url, rewrite_delay_s=0.01)
    for number in range(20):
        await enrol(store, number)
    assert {"subject", "template"} <= {kind for _, kind in left_in(own_redis.files, range(15))}
    for number in range(15):
        await store.delete(secrets_of(number)["subject"].decode(), f"r{number}", "d")
    await store.overwritten()
    assert [] == left_in(own_redis.files, range(15))
    assert 5 == await store.count()
    async with Redis.from_url(own_redis.url) as client:
        for key in [key async for key in client.scan_iter()]:
            kept = key + (await client.dump(key) or b"")
            assert not [kind for n in range(15) for kind, secret in secrets_of(n).items() if secret in kept]
        assert not await client.exists("{biofusion}:erasing")
    await store.close()


async def test_an_erasure_of_redis_that_was_cut_off_is_finished_by_the_next_program(own_redis: RedisProcess) -> None:
    """A store that closes before the rewrite records that it is due; the next one that connects does it."""
    first = RedisStore(own_redis.url, rewrite_delay_s=3600)
    await enrol(first, 1)
    await first.delete(secrets_of(1)["subject"].decode(), "r", "d")
    await first.close()
    assert left_in(own_redis.files, range(1, 2))
    own_redis.stop()
    own_redis.start()
    second = RedisStore(own_redis.url, rewrite_delay_s=0.01)
    await second.ping()
    await second.overwritten()
    assert [] == left_in(own_redis.files, range(1, 2))
    await second.close()


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Another connection reads the file, which keeps its write-ahead log in use."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM subjects").fetchone()
    yield
    other.close()


async def test_a_deletion_is_not_answered_while_its_bytes_are_in_the_log(tmp_path: Path) -> None:
    """The deletion fails, first and when repeated, until the reader of the log is gone."""
    store = SqliteStore(tmp_path / "store.db", busy_timeout_s=0.01)
    await enrol(store, 1)
    subject_id = secrets_of(1)["subject"].decode()
    with reading(tmp_path / "store.db"):
        for _ in range(3):
            with pytest.raises(StoreUnavailable, match="repeat the deletion"):
                await store.delete(subject_id, "r", "d")
        with pytest.raises(SubjectNotFound):
            await store.get(subject_id)
        assert left_in(tmp_path, range(1, 2))
        await store.enroll(enrolment("ben"))
    assert (await store.delete(subject_id, "r", "d")).replayed
    assert [] == left_in(tmp_path, range(1, 2))
    await store.close()


@pytest.mark.parametrize("erased", ["subject", "model"])
async def test_whoever_opens_the_file_finishes_what_was_cut_off(tmp_path: Path, erased: str) -> None:
    """If a process ended between the commit and truncating the log, the next one to open the file truncates it."""
    (tmp_path / "live").mkdir()
    store = SqliteStore(tmp_path / "live" / "store.db", busy_timeout_s=0.01)
    await enrol(store, 1)
    await store.put_model("fusion-1", secrets_of(1)["request"].decode(), "m1", "d")
    deletion = store.delete if erased == "subject" else store.delete_model
    with reading(tmp_path / "live" / "store.db"):
        with pytest.raises(StoreUnavailable):
            await deletion(secrets_of(1)["subject"].decode() if erased == "subject" else "fusion-1", "r", "d")
        (tmp_path / "left").mkdir()
        for name in ("store.db", "store.db-wal"):
            (tmp_path / "left" / name).write_bytes((tmp_path / "live" / name).read_bytes())
    await store.close()
    gone = ("subject", "template") if erased == "subject" else ("request",)
    assert set(gone) <= {kind for _, kind in left_in(tmp_path / "left", range(1, 2))}
    other = SqliteStore(tmp_path / "left" / "store.db", rewrite_delay_s=0.01)
    await other.ping()
    await other.overwritten()
    assert not set(gone) & {kind for _, kind in left_in(tmp_path / "left", range(1, 2))}
    await other.close()
