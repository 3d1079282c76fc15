"""Processes and servers killed at any moment: acknowledged enrolments remain, acknowledged erasures are complete."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from biometrics.errors import StoreUnavailable
from gallery.store.redis.store import RedisStore
from gallery.store.sqlite.store import SqliteStore
from gallery.store.values import START
from tests.support.builders import enrolment
from tests.support.redis_process import RedisProcess


def acknowledged(path: Path, what: str, count: int) -> list[str]:
    """Ids acknowledged by a process that is killed amid 64 concurrent writes, once `count` were acknowledged."""
    command = [sys.executable, "-m", "tests.support.writing_process", str(path), what]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writing:
        assert writing.stdout is not None
        lines = [writing.stdout.readline() for _ in range(count)]
        writing.kill()
        lines += writing.stdout.readlines()
    return [line.strip() for line in lines if line.endswith("\n")]


@pytest.mark.parametrize("count", [1, 200, 1000])
async def test_a_killed_process_has_lost_no_enrolment_that_it_acknowledged(tmp_path: Path, count: int) -> None:
    """Every acknowledged enrolment is there, and each one is complete: subject, change, gallery member, count."""
    written = await asyncio.to_thread(acknowledged, tmp_path / "store.db", "enrol", count)
    assert len(written) >= count
    store = SqliteStore(tmp_path / "store.db")
    found = await store.get_many(written)
    assert set(written) == set(found)
    everybody = await store.count()
    changes = await store.changes(START, 1_000_000, 0)
    listed = (await store.list(1_000_000, gallery="default")).subjects
    assert [everybody] * 3 == [await store.count("default"), len(listed), len({each.name for each in changes})]
    assert everybody >= len(written)
    await store.close()


async def test_a_killed_process_leaves_nothing_of_whom_it_has_erased(tmp_path: Path) -> None:
    """The next process to open the file completes erasures that were acknowledged or only begun."""
    erased = await asyncio.to_thread(acknowledged, tmp_path / "store.db", "delete", 100)
    store = SqliteStore(tmp_path / "store.db", rewrite_delay_s=0.01)
    await store.ping()
    await store.overwritten()
    assert {} == await store.get_many(erased)
    held = b"".join(file.read_bytes() for file in await asyncio.to_thread(lambda: list(tmp_path.iterdir())))
    assert not [subject_id for subject_id in erased if subject_id.encode() + b"\x91" in held]
    await store.close()


async def test_a_killed_redis_has_lost_no_enrolment_that_it_acknowledged(own_redis: RedisProcess) -> None:
    """A server killed while 64 callers write comes back with every enrolment that it acknowledged."""
    store = RedisStore(own_redis.url)
    await store.ping()
    written: list[str] = []
    killed = asyncio.Event()

    async def call(first: int) -> None:
        for number in range(first, 10**6, 64):
            try:
                await store.enroll(enrolment(f"s{number}"))
            except StoreUnavailable:
                return
            written.append(f"s{number}")
            if len(written) == 300:
                killed.set()

    callers = [asyncio.create_task(call(first)) for first in range(64)]
    await killed.wait()
    await asyncio.to_thread(own_redis.stop)
    await asyncio.gather(*callers)
    own_redis.start()
    assert set(written) == set(await store.get_many(written))
    await store.close()
