"""Processes killed amid moves: no encounter is lost or doubled, and the next process completes what was begun."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from gallery.operations.verify import verify
from gallery.store.subject_store import PartitionedStore
from tests.support.redis_process import RedisProcess
from tests.support.stores.moving_process import CALLERS, expected, moved, opened

STEP = 10_000
"""Numbers of one process."""


def acknowledged(where: str, folder: Path, count: int, first: int) -> list[int]:
    """Numbers acknowledged by a process that is killed amid its moves, once `count` were acknowledged."""
    command = [sys.executable, "-m", "tests.support.stores.moving_process", where, str(folder), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as moving:
        assert moving.stdout is not None
        lines = [moving.stdout.readline() for _ in range(count)]
        moving.kill()
        lines += moving.stdout.readlines()
    return [int(line) for line in lines if line.endswith("\n")]


async def people(store: PartitionedStore) -> dict[str, list[str]]:
    """Encounter ids of each subject."""
    subjects = (await store.list(10**6)).subjects
    return {each.subject_id: [e.encounter_id for e in each.encounters] for each in subjects}


async def require_each_once(store: PartitionedStore) -> None:
    """A number whose enrolments are complete, and whose source was not deleted, has its encounters once each."""
    found = await people(store)
    counts = Counter(each for own in found.values() for each in own)
    assert {1} == set(counts.values())
    for name in found:
        number = int(name.rpartition("-")[2])
        if f"{number}-2" in counts:
            assert f"{number}-0" in counts or (number % 3 == 1 and f"source-{number}" not in found)
            assert f"{number}-1" in counts or (number % 3 == 1 and f"source-{number}" not in found)


@pytest.mark.parametrize("kind", ["sqlite", "redis"])
async def test_killed_processes_lose_and_double_no_encounter(tmp_path: Path, redis_url: str, kind: str) -> None:
    """After each of 3 kills every encounter is at one subject, and the repetition of all requests completes them."""
    where, rng, begun = (str(tmp_path / "store.db") if kind == "sqlite" else redis_url), random.Random(4), list[int]()
    for process in range(3):
        first, count = process * STEP, rng.choice([1, 10, 40])
        done = await asyncio.to_thread(acknowledged, where, tmp_path, count, first)
        async with opened(where, tmp_path) as store:
            at_once = await people(store)
            for each in done:
                assert expected(each).items() <= at_once.items()
            await store.ping()
            assert ([], []) == (await store.backend.leaving(), list(await store.backend.key_slots()))
            await require_each_once(store)
            begun += range(first, max(done) + CALLERS + 1)
            await asyncio.gather(*(moved(store, number) for number in begun))
            assert {k: v for number in begun for k, v in expected(number).items()} == await people(store)
            assert [] == (await verify(store)).findings


@pytest.fixture
def redis_url(own_redis: RedisProcess) -> str:
    """The URL of a server of this test."""
    return own_redis.url
