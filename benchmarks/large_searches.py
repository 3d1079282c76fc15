"""Shared by the benchmarks of 1:N search: a large index, and the time of comparing the probe in full with all of it."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.harness import Row, compare
from biometrics.comparison import ScreeningComparator
from biometrics.packed_templates import PackedTemplates
from biometrics.template import Modality, Position, Template
from gallery.index.exact import ExactIndex
from gallery.references import NAME_BYTES, POSITION_ORDER, ReferencePage
from gallery.store.keyed_names import SIZE, subject_name
from gallery.store.values import START, ConsistencyToken
from gallery.subject import DEFAULT_GALLERY

CORES = os.cpu_count() or 1
FEW = 1000  # references in the small index, which is compared in full
LIMIT = 20


class Enrolled:
    """The part of a store that an index loads from; subjects have one sample each, and samples repeat up to a count."""

    def __init__(self, samples: Sequence[Template], count: int) -> None:
        self._samples, self._count = samples, count

    async def partition_count(self) -> int:
        """All subjects are in one partition."""
        return 1

    async def origin(self) -> ConsistencyToken:
        """The token before all others."""
        return START

    async def position(self, _partitions: Sequence[int]) -> ConsistencyToken:
        """A constant token: nothing changes."""
        return START

    async def name_key(self) -> bytes:
        """Nothing is written anywhere."""
        return bytes(SIZE)

    async def references(
        self, _modality: Modality, _partitions: Sequence[int], page_size: int
    ) -> AsyncIterator[ReferencePage]:
        """Subjects in order of number."""
        for first in range(0, self._count, page_size):
            numbers = range(first, min(first + page_size, self._count))
            yield page_of(numbers, [self._samples[number % len(self._samples)] for number in numbers])


def page_of(numbers: range, samples: Sequence[Template]) -> ReferencePage:
    """Subjects s0, s1, … with one sample each, of one model and of unknown position, as a store returns them."""
    count, ids = len(numbers), [f"s{number}" for number in numbers]
    names = b"".join(subject_name(bytes(SIZE), each) for each in ids)
    return ReferencePage(
        partitions=np.zeros(count, np.int32),
        names=np.frombuffer(names, np.uint8).reshape(-1, NAME_BYTES),
        subject_ids=ids,
        galleries=[(DEFAULT_GALLERY,)] * count,
        owners=np.arange(count, dtype=np.int32),
        positions=np.full(count, POSITION_ORDER[Position.UNKNOWN], np.int8),
        model_ids=[samples[0].model_id],
        models=np.zeros(count, np.int16),
        templates=PackedTemplates.of([each.data for each in samples]),
    )


def loaded(
    comparator: ScreeningComparator[Any], samples: Sequence[Template], count: int, **sizes: Any
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
