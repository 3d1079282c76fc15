"""Ten million faces in one process: loaded, searched, and people enrolled, found and erased meanwhile."""

from __future__ import annotations

import asyncio
import resource
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.face.synthetic_faces import unit
from benchmarks.services.synthetic_store import MadeFaces
from biometrics.template import Position, Template
from gallery.index.exact import ExactIndex
from gallery.store.values import Enrolment
from gallery.subject import DEFAULT_GALLERY, Encounter, Reference
from services.face.comparator import SEGMENT_ROWS, PairComparator
from services.face.template.features import PAIR_DIMENSIONS, pack
from soak.figures import Figure

COUNT, PARTITIONS, PAGE = 10_000_000, 64, 32_768
ROUNDS = 20
MEMORY_BYTES = 24 * 10**9
WAIT_S = 60.0


@dataclass(slots=True)
class Found:
    """What was measured.

    Args:
        load_s: seconds of loading.
        held: bytes of the index's arrays.
        resident: largest resident size of the process, bytes.
        searches_s: seconds of each search.
        readings_s: seconds of reading the int8 codes once, between the searches.
        missed: people who were enrolled meanwhile and not found first, or were found after they were erased.
    """

    load_s: float = 0.0
    held: int = 0
    resident: int = 0
    searches_s: list[float] = field(default_factory=list)
    readings_s: list[float] = field(default_factory=list)
    missed: int = 0


def campaign() -> list[Figure]:
    """Load, search and enrol."""
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(_measured(Path(folder), COUNT))
    each, ratio = found.held / COUNT, median(found.searches_s) / median(found.readings_s)
    what = f"{COUNT:,} faces"
    gb = found.resident / 1e9
    return [
        Figure(f"{what}: loaded in {found.load_s:.0f} s; memory", "24 GB", f"{gb:.1f} GB", gb < MEMORY_BYTES / 1e9),
        Figure(f"{what}: index over templates of 1,024 bytes", "≤ 1.25×", f"{each / 1024:.2f}×", each <= 1.25 * 1024),
        Figure(f"{what}: search against reading the codes", "≤ 1.3×", f"{ratio:.2f}×", ratio <= 1.3),
        Figure(f"{what}: {ROUNDS} enrolled, searched, erased; wrong", "0", str(found.missed), not found.missed),
    ]


async def _measured(folder: Path, count: int) -> Found:
    found, store = Found(), MadeFaces(folder, PARTITIONS, count)
    index = ExactIndex(store, PairComparator(), page_size=PAGE, segment_size=SEGMENT_ROWS)
    begin = time.perf_counter()
    await index.start()
    found.load_s = time.perf_counter() - begin
    codes = np.ones(count * PAIR_DIMENSIONS // 4, np.float32)
    for number in range(ROUNDS):
        probe = pack(unit(1, 1_000 + number)[0])
        token = (await store.enroll(_enrolment(f"new-{number}", probe))).token
        await index.wait_for(token, WAIT_S)
        begin = time.perf_counter()
        hits = await asyncio.to_thread(index.search, probe, Position.FACE, DEFAULT_GALLERY, 20)
        found.searches_s.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        codes.sum()
        found.readings_s.append(time.perf_counter() - begin)
        await index.wait_for((await store.delete(f"new-{number}", str(uuid.uuid4()), "d")).token, WAIT_S)
        left = await asyncio.to_thread(index.score_subjects, probe, Position.FACE, [f"new-{number}"])
        found.missed += hits[0].subject_id != f"new-{number}" or bool(left)
    found.held = index.memory_bytes
    found.resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - codes.nbytes
    await index.close()
    await store.close()
    return found


def _enrolment(subject_id: str, template: Template) -> Enrolment:
    encounter = Encounter("e", datetime(2026, 1, 1, tzinfo=UTC), (Reference(Position.FACE, template, 90.0),))
    return Enrolment(str(uuid.uuid4()), "d", subject_id, (DEFAULT_GALLERY,), encounter, create_subject=True)
