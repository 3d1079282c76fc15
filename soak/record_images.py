"""Damaged pictures of the formats that records hold: WSQ, lossless JPEG, JPEG-LS; and records that lie."""

from __future__ import annotations

import os
import time
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import jpeg_ls
import numpy as np
from numpy.typing import NDArray

from biometrics.errors import InvalidInput
from infra import records
from infra.images.formats.limits import FULL, ImageLimits
from infra.images.guard.guard import Guard, Spent
from soak.figures import Figure
from tests.support.lossless_jpeg_files import lossless_jpeg
from tests.support.mutations import mutated
from tests.support.records.lying import huge, lying
from tests.support.wsq_files import wsq

MUTATIONS = int(os.environ.get("SOAK_MUTATIONS", "10000"))
"""Number of damaged files of each format."""

MIB = 2**20
REPEATS = 20
MOST_CPU_S, MOST_MIB = 0.25, 256
GOAL = f"≤ {1000 * MOST_CPU_S:.0f} ms CPU, ≤ {MOST_MIB} MiB, no decoder ended"


def campaign() -> list[Figure]:
    """Decode MUTATIONS damaged files of each format; takes some minutes."""
    ridges = _ridges()
    files = {
        "WSQ": wsq(ridges, step=8.0),
        "WSQ, even filters": wsq(ridges, "6 and 2", step=8.0, tables=3),
        "lossless JPEG": lossless_jpeg(ridges, 4, restart_rows=50),
        "JPEG-LS": bytes(jpeg_ls.encode_array(ridges)),
    }
    with ThreadPoolExecutor(2) as pool:
        damaged = list(pool.map(_damaged, files, files.values()))
    return [_refused("records that state 65,535 × 65,535 px", huge()), _refused("records that lie", lying()), *damaged]


def _refused(what: str, files: dict[str, bytes]) -> Figure:
    """The longest time until a record is refused, and the most memory meanwhile; the record alone, no picture."""
    took, peak, refusals = 0.0, 0, 0
    for data in [each for _ in range(REPEATS) for each in files.values()]:
        tracemalloc.start()
        begin = time.perf_counter()
        try:
            records.opened(data)
        except InvalidInput:
            refusals += 1
        took = max(took, time.perf_counter() - begin)
        peak = max(peak, tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    found = f"{1000 * took:.1f} ms, {peak / MIB:.2f} MiB; {refusals // REPEATS} of {len(files)} without a decoder"
    return Figure(f"{len(files)} {what}", "≤ 100 ms, ≤ 1 MiB", found, took <= 0.1 and peak <= MIB)


def _ridges() -> NDArray[np.uint8]:
    """Ridges like a print's, 375 × 525 px."""
    y, x = np.mgrid[:525, :375]
    noise = np.random.default_rng(1).normal(0, 6, x.shape)
    ridges: NDArray[np.float64] = 128 + 90 * np.sin(0.7 * np.hypot(x - 180, y - 300)) + noise
    return np.clip(ridges, 0, 255).astype(np.uint8)


def _damaged(name: str, whole: bytes) -> Figure:
    spent: list[Spent] = []
    guard = Guard(spent.append)
    outcomes = [_outcome(guard, data) for data in _files(whole)]
    guard.close()
    cpu_s, peak = max(each.cpu_s for each in spent), max(each.peak_bytes for each in spent) / MIB
    ended = outcomes.count("ended")
    found = f"{1000 * cpu_s:.0f} ms, {peak:.0f} MiB, {ended} ended; {outcomes.count('decoded')} decoded"
    is_reached = cpu_s <= MOST_CPU_S and peak <= MOST_MIB and not ended
    return Figure(f"{MUTATIONS} damaged files: {name}, {len(whole):,} bytes", GOAL, found, is_reached)


def _files(whole: bytes) -> Iterator[bytes]:
    return (mutated(whole, number) for number in range(MUTATIONS))


def _outcome(guard: Guard, data: bytes) -> str:
    try:
        guard.decode(data, ImageLimits(), FULL)
    except InvalidInput as error:
        return "ended" if "its decoder fail" in error.message else "refused"
    return "decoded"
