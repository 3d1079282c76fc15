"""1:N search among 100,000 fingers on all cores, against comparing the probe with every one of them in full."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from benchmarks.harness import Row, compare
from benchmarks.limits import read_bytes_per_s
from benchmarks.synthetic_fingers import finger
from biometrics.template import Position, Template
from gallery.index import ExactIndex
from gallery.store import START, ConsistencyToken, SubjectPage
from gallery.subject import DEFAULT_GALLERY, Encounter, Reference, Subject
from services.fingerprint.comparator import FingerprintComparator
from services.fingerprint.features import unpack
from services.fingerprint.prints import Prints

FINGERS, TIMES = 20_000, 5  # so many different ones, each enrolled as so many subjects
COUNT = FINGERS * TIMES
FEW = 1000  # a gallery of so many is compared with in full
PROBE = 10**6
BYTES_PER_MINUTIA = 48  # of what is screened
PAGE = 1000


class Enrolled:
    """The part of a store that an index loads from: one finger of each subject, again and again up to a count."""

    def __init__(self, fingers: Sequence[Template], count: int) -> None:
        self._fingers, self._count = fingers, count

    async def position(self) -> ConsistencyToken:
        """Nothing changes."""
        return START

    async def list(self, page_size: int, page_token: str = "") -> SubjectPage:
        """Subjects by number."""
        first = int(page_token or 0)
        last = min(first + page_size, self._count)
        subjects = tuple(_subject(n, self._fingers[n % len(self._fingers)]) for n in range(first, last))
        return SubjectPage(subjects, str(last) if last < self._count else "")


def measure() -> Row:
    """One search at a time."""
    cores, probe = os.cpu_count() or 1, finger(PROBE)
    fingers = [finger(number) for number in range(FINGERS)]
    large, few = _loaded(fingers, COUNT, PAGE), _loaded(fingers, FEW, FEW // (4 * cores))
    screened = TIMES * BYTES_PER_MINUTIA * sum(len(unpack(each.data).minutiae) for each in fingers)
    row = compare(
        f"fingerprint, search 1 of {COUNT:,}, {cores} threads",
        lambda: large.search(probe, Position.UNKNOWN, DEFAULT_GALLERY, 20),
        f"all compared in full, {cores} threads ({COUNT // FEW} × {FEW:,})",
        lambda: few.search(probe, Position.UNKNOWN, DEFAULT_GALLERY, 20),
        (1000 * screened / read_bytes_per_s(), "what is screened, read once by one thread"),
    )
    print(f"{COUNT / row.ours_ms / cores:.0f} k references/s per core", file=sys.stderr)
    times = COUNT // FEW
    spread = (times * row.spread[0], times * row.spread[1])
    return replace(row, reference_ms=times * row.reference_ms, ratio=times * row.ratio, spread=spread)


def _loaded(fingers: Sequence[Template], count: int, segment_size: int) -> ExactIndex[Prints]:
    store = Enrolled(fingers, count)
    index = ExactIndex(store, FingerprintComparator(), page_size=PAGE, segment_size=segment_size)  # type: ignore[arg-type]  # only what is used
    begin = time.perf_counter()
    asyncio.run(_load(index))
    print(f"{count:,} fingers loaded in {time.perf_counter() - begin:.1f} s by one thread", file=sys.stderr)
    return index


async def _load(index: ExactIndex[Prints]) -> None:
    await index.start()
    await index.close()


def _subject(number: int, template: Template) -> Subject:
    encounter = Encounter("e", datetime(2026, 1, 1, tzinfo=UTC), (Reference(Position.UNKNOWN, template, 90.0),))
    return Subject(f"s{number}", (DEFAULT_GALLERY,), (encounter,))
