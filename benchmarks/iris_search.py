"""1:N search among 1,000,000 eyes on all cores, against comparing the probe with every one of them in full."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from benchmarks.fingerprint_search import Enrolled
from benchmarks.harness import Row, compare
from benchmarks.limits import read_bytes_per_s
from benchmarks.synthetic_irises import another_image, random_codes, template
from biometrics.template import Position, Template
from gallery.index import ExactIndex
from gallery.subject import DEFAULT_GALLERY
from services.iris.comparator import IrisComparator, IrisStack, stacked
from services.iris.features import Words

EYES, TIMES = 50_000, 20  # so many different ones, each enrolled as so many subjects
COUNT = EYES * TIMES
FEW = 1000  # a gallery of so many is compared with in full
CHECKED = 20  # probes whose first is looked for among all different eyes in full
BYTES_PER_EYE = 160  # of half a short code and its masks, which are always read


def measure() -> Row:
    """One search at a time; before, the first subject of some searches is compared with the one found in full."""
    cores, (codes, masks) = os.cpu_count() or 1, random_codes(EYES)
    eyes = [template(*eye) for eye in zip(codes, masks, strict=True)]
    large, few = _loaded(eyes, COUNT), _loaded(eyes, FEW, FEW // (4 * cores))
    probe = _checked(large, codes, masks)
    row = compare(
        f"iris, search 1 of {COUNT:,}, {cores} threads",
        lambda: large.search(probe, Position.UNKNOWN, DEFAULT_GALLERY, 20),
        f"all compared in full, {cores} threads ({COUNT // FEW} × {FEW:,})",
        lambda: few.search(probe, Position.UNKNOWN, DEFAULT_GALLERY, 20),
        (1000 * BYTES_PER_EYE * COUNT / read_bytes_per_s(), "half of the short codes, read once by one thread"),
    )
    times = COUNT // FEW
    spread = (times * row.spread[0], times * row.spread[1])
    return replace(row, reference_ms=times * row.reference_ms, ratio=times * row.ratio, spread=spread)


def _checked(index: ExactIndex[IrisStack], codes: Words, masks: Words) -> Template:
    """The last of some probes, each another image of an enrolled eye; prints how many find the first in full."""
    comparator, all_eyes, same = IrisComparator(), stacked(codes, masks), 0
    for number in np.linspace(0, EYES - 1, CHECKED, dtype=int):
        probe = template(*another_image(codes[number], masks[number], number % 9 - 4, number))
        first = index.search(probe, Position.UNKNOWN, DEFAULT_GALLERY, 1)[0]
        full = comparator.compare(comparator.stack([probe]), all_eyes)[0]
        same += int(first.subject_id[1:]) % EYES == full.argmax() and first.score == full.max()
    print(f"first of {same} of {CHECKED} searches as of comparing all in full", file=sys.stderr)
    return probe


def _loaded(eyes: Sequence[Template], count: int, segment_size: int = 4096) -> ExactIndex[IrisStack]:
    index = ExactIndex(Enrolled(eyes, count), IrisComparator(), segment_size=segment_size)  # type: ignore[arg-type]  # only what is used
    begin = time.perf_counter()
    asyncio.run(_load(index))
    print(f"{count:,} eyes loaded in {time.perf_counter() - begin:.1f} s by one thread", file=sys.stderr)
    return index


async def _load(index: ExactIndex[IrisStack]) -> None:
    await index.start()
    await index.close()
