"""Processes killed at any moment: acknowledged enrolments and erasures remain, and nothing is half there."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.stores.sqlite_store import sqlite_store
from tests.support.stores.whole_store import require_whole
from tests.support.stores.writing_process import subject_of, written

STEP = 100_000
"""Numbers of the subjects of one process."""


def acknowledged(path: Path, what: str, count: int, first: int = 0) -> list[int]:
    """Numbers acknowledged by a process that is killed amid 64 concurrent writes, once `count` were acknowledged."""
    command = [sys.executable, "-m", "tests.support.stores.writing_process", str(path), what, str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writing:
        assert writing.stdout is not None
        lines = [writing.stdout.readline() for _ in range(count)]
        writing.kill()
        lines += writing.stdout.readlines()
    return [int(line) for line in lines if line.endswith("\n")]


@pytest.mark.parametrize("seed", range(3))
async def test_killed_processes_lose_halve_and_double_no_enrolment(tmp_path: Path, seed: int) -> None:
    """After each of 4 kills every acknowledged subject is complete, and what was begun is completed by a repetition."""
    rng, path, begun = random.Random(seed), tmp_path / "store.db", list[int]()
    for process in range(4):
        first, count = process * STEP, rng.choice([1, 30, 100, 300])
        done = await asyncio.to_thread(acknowledged, path, "enrol", count, first)
        assert len(done) >= count
        store = sqlite_store(path)
        encounters = await require_whole(store)
        assert {subject_of(n): n % 3 + 1 for n in done} == {subject_of(n): encounters[subject_of(n)] for n in done}
        begun += range(first, max(done) + 65)
        await asyncio.gather(*(written(store, number, "enrol") for number in begun))
        assert {subject_of(n): n % 3 + 1 for n in begun} == await require_whole(store)
        await store.close()


async def test_a_killed_process_leaves_nothing_of_whom_it_has_erased(tmp_path: Path) -> None:
    """Erasures that were acknowledged are complete, and those only begun are completed by the next process."""
    path = tmp_path / "store.db"
    erased = await asyncio.to_thread(acknowledged, path, "delete", 100)
    store = sqlite_store(path)
    assert {} == await store.get_many([subject_of(number) for number in erased])
    await store.ping()
    assert [] == list(await store.backend.key_slots())
    for number in erased:
        assert (await store.delete(subject_of(number), f"delete-{number}", "d")).replayed
    await asyncio.gather(*(written(store, number, "delete") for number in range(max(erased) + 65)))
    assert ([], 0, []) == (
        list((await store.list(10)).subjects),
        await store.count(),
        list(await store.backend.key_slots()),
    )
    await store.close()
