"""Stores that are down, full, wiped or broken off: named errors, nothing half-written, nothing left behind."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from redis.asyncio import Redis

from biometrics.errors import ConfigurationInvalid, FeedTruncated, FieldInvalid, StoreUnavailable
from gallery.redis import RedisStore
from gallery.sqlite import SqliteStore
from gallery.store import START, SubjectStore
from tests.builders import enrolment, reference
from tests.redis_process import RedisProcess

OpenStore = Callable[..., SubjectStore]

SECRET = [1234.5, 2345.5, 3456.5, 4567.5]
"""A template's values that are nowhere else."""


async def everything(store: SubjectStore) -> tuple[object, ...]:
    """What a half-written enrolment would change."""
    return (
        (await store.list(10)).subjects,
        (await store.list(10, gallery="g")).subjects,
        [await store.count(gallery) for gallery in ("", "g")],
        await store.receipt("r"),
        await store.position(),
    )


async def test_sqlite_writes_nothing_when_it_fails_midway(open_sqlite: OpenStore, tmp_path: Path) -> None:
    """A failure at the last insert of an enrolment leaves no trace of the earlier ones, and a repetition succeeds."""
    store = open_sqlite()
    await store.enroll(enrolment("anna"))
    before = await everything(store)
    with sqlite3.connect(tmp_path / "store.db") as other:
        other.execute("CREATE TRIGGER fail BEFORE INSERT ON requests BEGIN SELECT RAISE(ABORT, 'disk'); END")
    wanted = enrolment("ben", galleries=("g",), request_id="r")
    with pytest.raises(StoreUnavailable):
        await store.enroll(wanted)
    assert before == await everything(store)
    other.execute("DROP TRIGGER fail")
    other.close()
    assert not (await store.enroll(wanted)).replayed


async def test_redis_writes_nothing_when_it_is_full(own_redis: RedisProcess) -> None:
    """A server out of memory refuses the whole MULTI, and a repetition succeeds when there is room."""
    store = RedisStore(own_redis.url)
    await store.enroll(enrolment("anna"))
    before = await everything(store)
    wanted = enrolment("ben", galleries=("g",), request_id="r")
    async with Redis.from_url(own_redis.url) as client:
        await client.config_set("maxmemory", "1")
        with pytest.raises(StoreUnavailable):
            await store.enroll(wanted)
        await client.config_set("maxmemory", "0")
    assert before == await everything(store)
    assert not (await store.enroll(wanted)).replayed
    await store.close()


async def test_redis_that_is_down_is_unavailable_and_works_again_when_it_is_back(own_redis: RedisProcess) -> None:
    """Every call fails with StoreUnavailable while the server is gone; then the same store object works."""
    store = RedisStore(own_redis.url)
    position = await store.position()
    own_redis.stop()
    calls = (
        store.ping,
        store.position,
        lambda: store.get("anna"),
        lambda: store.list(5),
        lambda: store.enroll(enrolment("anna")),
        lambda: store.delete("anna", "r", "d"),
        lambda: store.changes(position, 5, 0),
    )
    outcomes = await asyncio.gather(*(call() for call in calls), return_exceptions=True)
    assert [StoreUnavailable] * len(calls) == [type(outcome) for outcome in outcomes]
    own_redis.start()
    await store.enroll(enrolment("anna"))
    assert 1 == await store.count()
    await store.close()


async def test_redis_that_dies_wakes_a_waiting_reader_with_an_error(own_redis: RedisProcess) -> None:
    """A reader that waits for changes learns that the server is gone."""
    store = RedisStore(own_redis.url)
    waiting = asyncio.create_task(store.changes(await store.position(), 5, 30))
    own_redis.stop()
    with pytest.raises(StoreUnavailable):
        await waiting
    await store.close()


async def test_a_wiped_redis_is_another_store(own_redis: RedisProcess) -> None:
    """Tokens from before the loss are refused, so that no index takes the new feed for the old one's continuation."""
    store = RedisStore(own_redis.url)
    old = (await store.enroll(enrolment("anna"))).token
    own_redis.stop()
    own_redis.start()
    new = (await store.enroll(enrolment("ben"))).token
    with pytest.raises(FieldInvalid):
        await store.changes(old, 10, 0)
    with pytest.raises(FieldInvalid):
        store.reached(new, old)
    await store.close()


async def test_a_restored_sqlite_file_truncates_the_feed_of_those_ahead_of_it(tmp_path: Path) -> None:
    """A reader that has seen more than the backup holds must rebuild."""
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
    """A write that another process blocks longer than the busy timeout fails; reading goes on; later writes succeed."""
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


async def test_an_erased_template_is_nowhere_in_the_sqlite_files(open_sqlite: OpenStore, tmp_path: Path) -> None:
    """After the deletion neither the file nor its log holds the template's bytes, which were there before."""
    store = open_sqlite()
    secret = reference(SECRET)
    await store.enroll(enrolment("anna", reference([1, 2, 3, 4])))
    await store.enroll(enrolment("ben", *[secret] * 500))
    await store.enroll(enrolment("ben", secret, encounter_id="e2", create_subject=False))
    assert any(secret.template.data in file.read_bytes() for file in tmp_path.iterdir())
    await store.delete("ben", "r", "d")
    assert [] == [file.name for file in tmp_path.iterdir() if secret.template.data in file.read_bytes()]
    assert 1 == await store.count()


async def test_an_erased_template_is_in_no_redis_key(own_redis: RedisProcess) -> None:
    """After the deletion no key of the server holds the template's bytes, which were there before."""
    store = RedisStore(own_redis.url)
    secret = reference(SECRET)
    await store.enroll(enrolment("ben", secret))
    async with Redis.from_url(own_redis.url) as client:

        async def holders() -> list[bytes]:
            dumps = [(key, await client.dump(key) or b"") async for key in client.scan_iter()]
            return [key for key, dump in dumps if secret.template.data in dump]

        assert [b"{biofusion}:subject:ben"] == await holders()
        await store.delete("ben", "r", "d")
        assert [] == await holders()
    await store.close()


async def test_the_sqlite_file_is_its_owners_only(tmp_path: Path) -> None:
    """Nobody else on the machine can read the file or its log."""
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
    """Other bytes, and another program's database, are a configuration error and are not touched."""
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
    """A file of a later program is named as such."""
    await open_sqlite().ping()
    with sqlite3.connect(tmp_path / "store.db") as other:
        other.execute("UPDATE store SET schema_version = 2")
    other.close()
    with pytest.raises(ConfigurationInvalid, match="schema version 2"):
        await open_sqlite().ping()


async def test_a_newer_redis_schema_is_refused(own_redis: RedisProcess) -> None:
    """A namespace of a later program is named as such."""
    async with Redis.from_url(own_redis.url) as client:
        await client.set("{biofusion}:store", "2.00000000")
    store = RedisStore(own_redis.url)
    with pytest.raises(ConfigurationInvalid, match="schema version 2"):
        await store.ping()
    await store.close()


async def test_a_wrong_redis_password_is_unavailable_and_not_repeated(own_redis: RedisProcess) -> None:
    """The message says what to check and holds no password."""
    own_redis.stop()
    own_redis.start("--requirepass", "right")
    store = RedisStore(own_redis.url.replace("//", "//:wrong@"))
    with pytest.raises(StoreUnavailable, match="password") as caught:
        await store.ping()
    assert "wrong" not in str(caught.value)
    await store.close()


async def test_receipts_of_sqlite_are_forgotten_after_their_time(tmp_path: Path) -> None:
    """A request id is remembered for the time to live and is new after it."""
    now = 1000.0
    store = SqliteStore(tmp_path / "store.db", receipt_ttl_s=60, clock=lambda: now)
    await store.enroll(enrolment("anna", request_id="r"))
    now = 1059.0
    assert None is not await store.receipt("r")
    now = 1061.0
    assert None is await store.receipt("r")
    await store.enroll(enrolment("ben", request_id="r", digest="other"))
    await store.close()


async def test_receipts_of_redis_have_a_time_to_live(own_redis: RedisProcess) -> None:
    """The server forgets a request id after the time to live."""
    store = RedisStore(own_redis.url, receipt_ttl_s=60)
    await store.enroll(enrolment("anna", request_id="r"))
    async with Redis.from_url(own_redis.url) as client:
        assert 0 < await client.pttl("{biofusion}:request:r") <= 60_000
        assert -1 == await client.pttl("{biofusion}:subject:anna")
    await store.close()


async def test_all_redis_keys_share_one_hash_tag(own_redis: RedisProcess) -> None:
    """Every key of a namespace goes to the same shard, and two namespaces know nothing of each other."""
    store, other = RedisStore(own_redis.url, "one"), RedisStore(own_redis.url, "two")
    await store.enroll(enrolment("anna"))
    async with Redis.from_url(own_redis.url) as client:
        assert {b"{one}"} == {key.split(b":")[0] async for key in client.scan_iter()}
    assert (0, []) == (await other.count(), list(await other.changes(START, 5, 0)))
    await store.close()
    await other.close()
