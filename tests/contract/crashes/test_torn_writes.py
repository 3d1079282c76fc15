"""Power cuts at random moments, each with none or with a random half of the pages that were not synced on the disk."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from gallery.store.subject_store import PartitionedStore
from tests.support.stores.power_cut import has_compiler
from tests.support.stores.sqlite_store import sqlite_store
from tests.support.stores.whole_store import require_whole
from tests.support.stores.writing_process import enrolments_of, subject_of, written
from tests.support.torn_writes.recorded import Event, build, events_of, left_at

pytestmark = pytest.mark.skipif(not has_compiler(), reason="writes are recorded with a C compiler (cc)")

CUTS = 24


def recorded(folder: Path, what: str, count: int) -> list[Event]:
    """Writes of a process that acknowledges `count` subjects, and is killed then."""
    environment = build(folder)
    command = [sys.executable, "-m", "tests.support.stores.writing_process", str(folder / "store" / "store.db"), what]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as writing:
        assert writing.stdout is not None
        for _ in range(count):
            assert writing.stdout.readline()
        writing.kill()
    return list(events_of(folder / "record"))


def moments(events: Sequence[Event], rng: random.Random) -> list[int]:
    """Random moments, half of them just after something was acknowledged."""
    printed = [number + 1 for number, event in enumerate(events) if event.kind == "P"]
    return sorted([*rng.sample(printed, CUTS // 2), *rng.sample(range(len(events)), CUTS - CUTS // 2)])


def restored(folder: Path, files: dict[str, bytes]) -> PartitionedStore:
    """A store on what is left; the shared memory of the log does not outlive a power cut."""
    folder.mkdir()
    for name, content in files.items():
        if not name.endswith("-shm"):
            (folder / name).write_bytes(content)
    return sqlite_store(folder / "store.db")


async def lost(store: PartitionedStore, acknowledged: Sequence[str]) -> list[str]:
    """Numbers of acknowledged subjects that are not complete."""
    encounters = await require_whole(store)
    return [each for each in acknowledged if encounters[subject_of(int(each))] != len(enrolments_of(int(each)))]


async def test_a_power_cut_loses_no_acknowledged_enrolment(tmp_path: Path) -> None:
    """At 24 moments of writing all that was acknowledged is there, nothing is half there, and writing goes on."""
    rng = random.Random(1)
    events = recorded(tmp_path, "enrol", 150)
    for number, (acknowledged, files) in enumerate(left_at(events, moments(events, rng), rng)):
        store = restored(tmp_path / f"left-{number}", files)
        assert [] == await lost(store, acknowledged)
        await written(store, 10**6, "enrol")
        await store.close()
    assert len(acknowledged) > 100


async def test_a_power_cut_leaves_nobody_whose_erasure_was_acknowledged(tmp_path: Path) -> None:
    """At 24 moments of 64 callers' erasing nobody is found whose erasure was acknowledged."""
    rng = random.Random(2)
    events = recorded(tmp_path, "delete", 60)
    for number, (acknowledged, files) in enumerate(left_at(events, moments(events, rng), rng)):
        store = restored(tmp_path / f"left-{number}", files)
        assert {} == await store.get_many([subject_of(int(each)) for each in acknowledged])
        await written(store, 10**6, "delete")
        await store.ping()
        assert [] == list(await store.backend.key_slots())
        await store.close()


async def test_writes_that_are_not_synced_are_lost(tmp_path: Path) -> None:
    """With `synchronous = NORMAL` acknowledged enrolments are missing, so the tests above can fail."""
    rng = random.Random(3)
    events = recorded(tmp_path, "unsynced", 150)
    found = list[str]()
    for number, (acknowledged, files) in enumerate(left_at(events, moments(events, rng), rng)):
        store = restored(tmp_path / f"left-{number}", files)
        found += await lost(store, acknowledged)
        await store.close()
    assert found
