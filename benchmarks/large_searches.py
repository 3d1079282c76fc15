"""Shared by the benchmarks of 1:N search: a large index, and the time of comparing the probe in full with all of it."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from benchmarks.harness import Row, compare
from biometrics.comparison import ScreeningComparator
from biometrics.template import Position, Template
from gallery.index.exact import ExactIndex
from gallery.store.values import START, ConsistencyToken, SubjectPage
from gallery.subject import DEFAULT_GALLERY, Encounter, Reference, Subject

CORES = os.cpu_count() or 1
FEW = 1000  # references in the small index, which is compared in full
LIMIT = 20


class Enrolled:
    """The part of a store that an index loads from; subjects have one sample each, and samples repeat up to a count."""

    def __init__(self, samples: Sequence[Template], count: int) -> None:
        self._samples, self._count = samples, count

    async def position(self) -> ConsistencyToken:
        """A constant token: nothing changes."""
        return START

    async def name_key(self) -> bytes:
        """Nothing is written anywhere."""
        return bytes(32)

    async def list(self, page_size: int, page_token: str = "") -> SubjectPage:
        """A page of subjects in order of number."""
        first = int(page_token or 0)
        last = min(first + page_size, self._count)
        subjects = tuple(_subject(n, self._samples[n % len(self._samples)]) for n in range(first, last))
        return SubjectPage(subjects, str(last) if last < self._count else "")


def _subject(number: int, template: Template) -> Subject:
    encounter = Encounter("e", datetime(2026, 1, 1, tzinfo=UTC), (Reference(Position.UNKNOWN, template, 90.0),))
    return Subject(f"s{number}", (DEFAULT_GALLERY,), (encounter,))


def loaded(
    comparator: ScreeningComparator[Any], samples: Sequence[Template], count: int, **sizes: int
) -> ExactIndex[Any]:
    """An index of `count` subjects; prints how long loading took. `sizes` are further arguments of ExactIndex."""
    index = ExactIndex(Enrolled(samples, count), comparator, **sizes)  # type: ignore[arg-type]  # only what is used
    begin = time.perf_counter()
    asyncio.run(_load(index))
    print(f"{count:,} subjects loaded in {time.perf_counter() - begin:.1f} s by one thread", file=sys.stderr)
    return index


async def _load(index: ExactIndex[Any]) -> None:
    await index.start()
    await index.close()


def compare_search(
    what: str, large: ExactIndex[Any], few: ExactIndex[Any], probe: Template, limit: tuple[float, str]
) -> Row:
    """One search of the large index, against as many searches of the small one as compare equally many references."""
    count = large.count(DEFAULT_GALLERY)
    times = count // FEW
    row = compare(
        f"{what}, search 1 of {count:,}, {CORES} threads",
        lambda: large.search(probe, Position.UNKNOWN, DEFAULT_GALLERY, LIMIT),
        f"all compared in full, {CORES} threads ({times} × {FEW:,})",
        lambda: few.search(probe, Position.UNKNOWN, DEFAULT_GALLERY, LIMIT),
        limit,
    )
    spread = (times * row.spread[0], times * row.spread[1])
    return replace(row, reference_ms=times * row.reference_ms, ratio=times * row.ratio, spread=spread)
