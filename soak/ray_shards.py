"""Searches on a Ray cluster while one process of a shard is killed every few seconds.

Every answer is compared with that of one index: it must be equal, or name what was not searched and be right about the
rest.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.face.synthetic_faces import equal_halves, unit
from biometrics.errors import IndexBehind
from biometrics.template import Position, Template
from gallery.cluster.messages import Importable
from gallery.cluster.placement import Needs
from gallery.cluster.ray_index import RayIndex
from gallery.cluster.sharding import Sharding
from gallery.index.exact import ExactIndex
from gallery.index.port import GallerySearch
from gallery.index.search.rank import IndexHit
from gallery.partitions import DEFAULT_COUNT, partition_of
from gallery.store.open_store import open_store
from gallery.store.port import SubjectStore
from gallery.subject import DEFAULT_GALLERY, Reference
from services.face.comparator import PairComparator
from services.face.template.features import pack
from soak.figures import Figure
from tests.support.builders import enrolment
from tests.support.cluster.machines import machines

MACHINES, SHARDS, CALLERS, PROBES, LIMIT = 2, 4, 4, 50, 20
SUBJECTS, SECONDS, KILL_S = 2000, 300.0, 10.0
FULL_S = 5.0
"""Goal: complete answers again within so many seconds."""


@dataclass(frozen=True)
class Load:
    """What is searched.

    Args:
        probes: to search with.
        expected: for each probe all subjects, in order, as one index finds them.
    """

    probes: Sequence[Template]
    expected: Sequence[Sequence[IndexHit]]

    def is_right(self, number: int, found: GallerySearch) -> bool:
        """Whether an answer is that of one index over the partitions that were searched."""
        left_out = set(found.unsearched)
        hits = (h for h in self.expected[number] if partition_of(h.subject_id, DEFAULT_COUNT) not in left_out)
        return [hit for hit, _ in zip(hits, range(LIMIT), strict=False)] == list(found.hits)


@dataclass
class Seen:
    """What the callers saw.

    Args:
        complete: number of right and complete answers.
        named: number of right answers that named what was not searched.
        wrong: number of other answers.
        failed: number of searches without an answer.
        gaps_s: from the first search that was not answered completely, to the next one that was.
    """

    complete: int = 0
    named: int = 0
    wrong: int = 0
    failed: int = 0
    gaps_s: list[float] = field(default_factory=list)


def campaign() -> list[Figure]:
    """4 shards with 2 replicas each on 2 machines, a process killed every 10 s for 5 minutes."""
    with tempfile.TemporaryDirectory() as folder, machines(MACHINES):
        return asyncio.run(searched_while_killed(f"sqlite:///{folder}/store.db", SUBJECTS, SECONDS, KILL_S))


async def searched_while_killed(url: str, subjects: int, seconds: float, kill_s: float) -> list[Figure]:
    """The figures of a run of this size, on the cluster that this process has joined; the first one is the goal.

    Args:
        url: of a new store.
        subjects: number of faces enrolled.
        seconds: time under load.
        kill_s: from one killed process to the next.
    """
    store = open_store(url)
    await _enrol(store, subjects)
    load = await _load(store, subjects)
    index = RayIndex(
        store,
        PairComparator(),
        Sharding(
            "auto",
            SHARDS,
            Needs(cpus=0.5),
            Importable("gallery.store.open_store:open_store", {"url": url}),
            Importable("services.face.comparator:PairComparator"),
        ),
    )
    await index.start()
    seen, whole_s = await _under_load(index, load, seconds, kill_s)
    await index.close()
    await store.close()
    return _figures(seen, whole_s, seconds)


async def _under_load(index: RayIndex[Any], load: Load, seconds: float, kill_s: float) -> tuple[Seen, list[float]]:
    end = time.monotonic() + seconds
    seen = [Seen() for _ in range(CALLERS)]
    with ThreadPoolExecutor(CALLERS) as pool:
        loop = asyncio.get_running_loop()
        callers = [loop.run_in_executor(pool, _search_on, index, load, own, n, end) for n, own in enumerate(seen)]
        whole_s = await _kill_on(index, end, kill_s)
        await asyncio.gather(*callers)
    counts = {name: sum(getattr(each, name) for each in seen) for name in ("complete", "named", "wrong", "failed")}
    return Seen(**counts, gaps_s=[gap for each in seen for gap in each.gaps_s]), whole_s


async def _kill_on(index: RayIndex[Any], end: float, kill_s: float) -> list[float]:
    """Kill the process of one replica after the other; returns the seconds until each had been replaced and loaded."""
    rng, whole_s = random.Random(1), []
    while (left_s := end - time.monotonic()) > 0:
        begin = time.monotonic()
        replica = rng.choice([one for each in index.shards for one in each.replicas if one.status])
        assert replica.status is not None
        life = replica.status.life
        os.kill(replica.status.process_id, signal.SIGKILL)
        while not (replica.status and replica.status.is_ready and replica.status.life != life):  # noqa: ASYNC110  # no event
            await asyncio.sleep(0.02)
        whole_s.append(time.monotonic() - begin)
        await asyncio.sleep(max(0.0, min(kill_s, left_s) - whole_s[-1]))
    return whole_s


def _search_on(index: RayIndex[Any], load: Load, seen: Seen, caller: int, end: float) -> None:
    rng, since = random.Random(caller), 0.0
    while time.monotonic() < end:
        number, begin = rng.randrange(PROBES), time.monotonic()
        try:
            found = index.search_reachable(load.probes[number], Position.FACE, DEFAULT_GALLERY, LIMIT)
        except IndexBehind:
            seen.failed += 1
            since = since or begin
            continue
        if not load.is_right(number, found):
            seen.wrong += 1
        elif found.unsearched:
            seen.named += 1
            since = since or begin
        else:
            seen.complete += 1
            seen.gaps_s += [time.monotonic() - since] if since else []
            since = 0.0
    seen.gaps_s += [time.monotonic() - since] if since else []


async def _enrol(store: SubjectStore, count: int) -> None:
    faces = [pack(each) for each in unit(count, 1)]
    for first in range(0, count, 64):
        numbers = range(first, min(first + 64, count))
        refs = {number: Reference(Position.FACE, faces[number], 90.0) for number in numbers}
        await asyncio.gather(*(store.enroll(enrolment(f"s{number}", each)) for number, each in refs.items()))


async def _load(store: SubjectStore, count: int) -> Load:
    probes = [pack(each) for each in equal_halves(unit(count, 1)[:PROBES] + np.float32(0.05) * unit(PROBES, 2))]
    one = ExactIndex(store, PairComparator())
    await one.start()
    expected = [one.search(probe, Position.FACE, DEFAULT_GALLERY, count) for probe in probes]
    await one.close()
    return Load(probes, expected)


def _figures(seen: Seen, whole_s: Sequence[float], seconds: float) -> list[Figure]:
    gap_s, answers = max(seen.gaps_s, default=0.0), seen.complete + seen.named
    what = f"of {answers + seen.wrong + seen.failed} searches in {seconds:.0f} s, {len(whole_s)} processes killed"
    return [
        Figure(f"wrong or silently partial answers {what}", "0", str(seen.wrong), seen.wrong == 0 and answers > 0),
        Figure("answers that named what was not searched", "-", str(seen.named), is_reached=True),
        Figure("searches without an answer", "-", str(seen.failed), is_reached=True),
        Figure("longest time without complete answers", f"<= {FULL_S:.0f} s", f"{gap_s:.2f} s", gap_s <= FULL_S),
        Figure("longest time until a killed process was replaced and loaded", "-", f"{max(whole_s):.1f} s", True),
    ]
