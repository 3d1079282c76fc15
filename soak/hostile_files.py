"""Costly and damaged image files: CPU and memory of each, their effect on other callers, and memory afterwards."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np

from biometrics.errors import InvalidInput
from infra.images.formats.limits import FULL, ImageLimits
from infra.images.guard.guard import Guard, Spent
from infra.models.model_cache import asset
from soak.figures import Figure
from soak.processes.face_service import MIB, FaceService, face_service
from tests.support.hostile_files.bombs import BOMBS
from tests.support.made_files import encoded
from tests.support.mutations import OPTIONS, mutated, sound

MUTATIONS = int(os.environ.get("SOAK_MUTATIONS", "10000"))
"""Number of damaged files of each format."""

CALLS = 400
ATTACKERS = 2
LARGE_IMAGES = 150
LARGE_SIDE_PX = 1870  # a square of noise with this side is a file of 10 MiB
WARM_CALLERS = 6
REST_S = 60.0
GOAL = "≤ 1 s CPU, ≤ 256 MiB"


def campaign() -> list[Figure]:
    """Run all cases; takes half an hour on two cores."""
    with ThreadPoolExecutor(2) as pool:
        damaged = list(pool.map(_damaged, OPTIONS))
    bombs = {name: make() for name, make in BOMBS.items()}
    return [*damaged, *(_bomb(name, data) for name, data in bombs.items()), *_beside(bombs), _remains()]


def _damaged(name: str) -> Figure:
    """Decode MUTATIONS damaged files of one format."""
    whole = sound(name)
    return _spent(f"{MUTATIONS} damaged files: {name}", (mutated(whole, number) for number in range(MUTATIONS)))


def _bomb(name: str, data: bytes) -> Figure:
    return _spent(f"{name}, {len(data):,} bytes", iter([data]))


def _spent(what: str, files: Iterator[bytes]) -> Figure:
    """The highest CPU time and memory that one of the files takes."""
    spent: list[Spent] = []
    failures = 0
    guard = Guard(spent.append)
    for data in files:
        try:
            guard.decode(data, ImageLimits(), FULL)
        except InvalidInput as error:
            failures += "its decoder fail" in error.message
    guard.close()
    cpu_s, peak = max(each.cpu_s for each in spent), max(each.peak_bytes for each in spent) / MIB
    found = f"{cpu_s:.2f} s, {peak:.0f} MiB" + (f", {failures} decoders ended" if failures else "")
    return Figure(what, GOAL, found, cpu_s <= 1.0 and peak <= 256)


def _beside(bombs: dict[str, bytes]) -> list[Figure]:
    """Latency of a caller who sends a portrait, alone and beside callers who constantly send costly files."""
    with face_service() as service:
        _p99_ms(service, CALLS // 8)
        alone = _p99_ms(service, CALLS)
        figures = []
        for sent, files in (("jpeg_scans", [bombs["jpeg_scans"]]), ("all bombs", list(bombs.values()))):
            with _attacked(service, files):
                beside = _p99_ms(service, CALLS)
            found = f"{beside:.0f} ms, alone {alone:.0f} ms: {beside / alone:.2f}×"
            what = f"p99 of {CALLS} extractions beside {ATTACKERS} who send {sent}"
            figures.append(Figure(what, "≤ 2× of alone", found, beside <= 2 * alone))
        return figures


@contextmanager
def _attacked(service: FaceService, files: list[bytes]) -> Iterator[None]:
    end = threading.Event()

    def attack(start: int) -> None:
        number = start
        while not end.is_set():
            service.extract(files[number % len(files)])
            number += ATTACKERS

    attackers = [threading.Thread(target=attack, args=(number,)) for number in range(ATTACKERS)]
    for each in attackers:
        each.start()
    yield
    end.set()
    for each in attackers:
        each.join()


def _p99_ms(service: FaceService, calls: int) -> float:
    portrait = asset("portrait-hopper")
    return float(np.percentile([_ms(lambda: service.extract(portrait)) for _ in range(calls)], 99))


def _ms(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - begin)


def _remains() -> Figure:
    """Memory a minute after many large images at once, against that after a few, as threads keep their buffers."""
    noise = np.random.default_rng(0).integers(0, 256, (LARGE_SIDE_PX, LARGE_SIDE_PX, 3), np.uint8)
    from PIL import Image as Pillow  # noqa: PLC0415  # only here

    large = encoded(Pillow.fromarray(noise), "PNG", compress_level=1)
    with face_service() as service:
        _p99_ms(service, 20)
        with ThreadPoolExecutor(WARM_CALLERS) as pool:
            list(pool.map(service.extract, [large] * 2 * WARM_CALLERS))
        time.sleep(REST_S)
        before, highest = service.memory_mib(), 0.0
        with ThreadPoolExecutor(LARGE_IMAGES) as pool:
            calls = [pool.submit(service.extract, large) for _ in range(LARGE_IMAGES)]
            while not all(call.done() for call in calls):
                highest = max(highest, service.memory_mib())
                time.sleep(0.05)
        time.sleep(REST_S)
        after = service.memory_mib()
    what = f"memory {REST_S:.0f} s after {LARGE_IMAGES} images of {len(large) / MIB:.1f} MiB at once"
    codes = {code.name: sum(call.result() is code for call in calls) for code in {call.result() for call in calls}}
    found = f"{after:.0f} MiB; before {before:.0f}, at most {highest:.0f}; {codes}"
    return Figure(what, "±10 % of before", found, abs(after / before - 1) <= 0.1)
