"""`python -m benchmarks.jobs.bulk [--rows N] [--images N] [--faces N] [import|images|sweep …]`: rates of bulk jobs.

Each rate is a share of what it is made of, measured in the same run: an import of templates against enrolments of the
same rows in the store alone, one of images against their extraction alone, a sweep against the searches alone. The
processor time is that of this process, which other work on the machine changes less than the rate.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

from benchmarks.harness import Row
from benchmarks.peers.place_of_jobs import QUALITY, Place, enrolment, image_rows, place, template_rows, vectors
from biometrics.sample import EncodedImage, Sample
from biometrics.template import Modality, Position
from cli.local.local_matcher import LocalMatcher
from fusion.bulk.importing import NAME as IMPORT
from fusion.bulk.sweep.search import LISTED
from fusion.bulk.sweep.sweeping import NAME as SWEEP
from gallery.store.values import ConsistencyToken
from gallery.subject import DEFAULT_GALLERY
from infra.models.model_cache import asset
from infra.models.supply import ensure_all, ensure_assets
from services.face.template.features import pack
from tests.service import pictures

ROWS, IMAGES, FACES = 20_000, 200, 20_000
AT_ONCE = 128
"""Enrolments, or searches, at once of what a job is compared with: as many as two workers of jobs have at most."""
TURNS = 3
SWEEP_S = 15.0
"""Both sides are measured so often, in turn; the medians count."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Rows a second, and ms of processor time of this process per row."""

    a_second: float
    cpu_ms: float

    @classmethod
    def median(cls, turns: Sequence[Rate]) -> Rate:
        """The medians of both."""
        return cls(median(each.a_second for each in turns), median(each.cpu_ms for each in turns))


def measure() -> Row:
    """The import of templates, for `python -m benchmarks`."""
    ours, reference = (each.a_second for each in asyncio.run(of_import(ROWS)))
    return Row(
        f"import of {ROWS} template rows, SQLite",
        1000 * ROWS / ours,
        "enrolments in the store alone",
        1000 * ROWS / reference,
        ours / reference,
        (ours / reference, ours / reference),
        TURNS,
        1000 * ROWS / reference,
        "the store alone",
    )


async def of_import(rows: int, *, follows: bool = False) -> tuple[Rate, Rate]:
    """Rate of an import of template rows, and of enrolments of the same in the store alone.

    Args:
        rows: number of rows.
        follows: whether indices in this process follow the store meanwhile, as in `biofusion serve`; not, as in
            `python -m fusion`.
    """
    directions = vectors(rows)
    ours, alone = [], []
    for _ in range(TURNS):
        async with place(follows=follows) as here:
            await asyncio.to_thread(template_rows, here.files / "rows.jsonl", directions)
            ours.append(await _imported(here, rows))
        async with place(follows=follows) as here:
            wanted = (enrolment(number, vector) for number, vector in enumerate(directions))
            alone.append(await _rate(rows, _all(here.store.enroll(each) for each in wanted)))
    return Rate.median(ours), Rate.median(alone)


async def of_images(rows: int, modality: Modality = Modality.FACE) -> tuple[Rate, Rate]:
    """Rate of an import of images, and of their extraction alone, on as many workers as there are cores."""
    images = _images(modality)
    ours, alone = [], []
    for _ in range(TURNS):
        async with place() as here:
            await asyncio.to_thread(image_rows, here.files, images, rows, modality)
            await _extracted(here, images, modality, 16)  # warm up
            ours.append(await _imported(here, rows))
            alone.append(await _rate(rows, _extracted(here, images, modality, rows)))
    return Rate.median(ours), Rate.median(alone)


def _images(modality: Modality) -> list[bytes]:
    if modality is Modality.FACE:
        return [asset("portrait-hopper"), asset("portrait-astronaut")]
    return [pictures.eye(number, 0) for number in range(30)]


async def _extracted(here: Place, images: Sequence[bytes], modality: Modality, rows: int) -> None:
    data = (EncodedImage(images[number % len(images)]) for number in range(rows))
    extract = here.matchers[modality].extract
    await _all((extract(each, Position.UNKNOWN, 60.0) for each in data), 4)


async def of_sweep(faces: int) -> tuple[Rate, Rate]:
    """Rate of the subjects of a duplicate sweep, and of searches with the same templates alone, for some time."""
    directions = vectors(faces)
    async with place() as here:
        await _all(here.store.enroll(enrolment(number, vector)) for number, vector in enumerate(directions))
        matcher, token = here.matchers[Modality.FACE], await here.store.position()
        samples = [Sample(Modality.FACE, Position.FACE, pack(each), QUALITY) for each in directions]
        await matcher.search(samples[0], DEFAULT_GALLERY, LISTED, token, 600.0)
        ours, alone = [], []
        for _ in range(TURNS):
            alone.append(await _searches(matcher, samples, token))
            ours.append(await _swept(here))
    return Rate.median(ours), Rate.median(alone)


async def _searches(matcher: LocalMatcher, samples: Sequence[Sample], token: ConsistencyToken) -> Rate:
    """Rate of searches, 64 at once, within a time."""
    begin, cpu_s, done = time.perf_counter(), time.process_time(), 0

    async def some(turns: Iterator[Sample]) -> None:
        nonlocal done
        for each in turns:
            await matcher.search(each, DEFAULT_GALLERY, LISTED, token, 60.0)
            done += 1
            if time.perf_counter() > begin + SWEEP_S:
                return

    turns = iter(samples)
    await asyncio.gather(*(some(turns) for _ in range(64)))
    return Rate(done / (time.perf_counter() - begin), 1000 * (time.process_time() - cpu_s) / done)


async def _swept(here: Place) -> Rate:
    """Rate of a sweep within a time; then it is cancelled."""
    begin, cpu_s = time.perf_counter(), time.process_time()
    made = await here.jobs.create(SWEEP, {"expected_false_pairs": 10.0})
    job = await here.jobs.wait(made.name, SWEEP_S)
    took, cpu_s = time.perf_counter() - begin, time.process_time() - cpu_s
    await here.jobs.cancel(made.name)
    job = await here.jobs.wait(job.name, 60.0)
    assert job.counts.refused == 0, job.counts
    return Rate(job.counts.done / took, 1000 * cpu_s / job.counts.done)


async def _imported(here: Place, rows: int) -> Rate:
    """Rate of an import, all of whose rows must be done, from when it was made until it had ended."""
    cpu_s = time.process_time()
    made = await here.jobs.create(IMPORT, {"source": "rows.jsonl"})
    job = await here.jobs.wait(made.name, 36_000.0)
    assert (rows, 0) == (job.counts.done, job.counts.refused), (job.state, job.counts, job.error)
    return Rate(rows / (job.end_time - job.create_time), 1000 * (time.process_time() - cpu_s) / rows)


async def _rate(rows: int, work: Coroutine[Any, Any, None]) -> Rate:
    begin, cpu_s = time.perf_counter(), time.process_time()
    await work
    return Rate(rows / (time.perf_counter() - begin), 1000 * (time.process_time() - cpu_s) / rows)


async def _all(work: Iterator[Coroutine[Any, Any, Any]], at_once: int = AT_ONCE) -> None:
    """Do all, so many at once."""

    async def some() -> None:
        for each in work:
            await each

    await asyncio.gather(*(some() for _ in range(at_once)))


def main() -> None:
    """Print a line for each kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "kinds", nargs="*", default=[], help="import, import-beside-indices, images, sweep; default: all"
    )
    parser.add_argument("--rows", type=int, default=ROWS, help="template rows of the import")
    parser.add_argument("--images", type=int, default=IMAGES, help="image rows of the import")
    parser.add_argument("--faces", type=int, default=FACES, help="faces that are swept")
    given = parser.parse_args()
    ensure_all()
    ensure_assets()
    all_kinds: dict[str, tuple[Callable[[int], Coroutine[Any, Any, tuple[Rate, Rate]]], int, float]] = {
        "import": (of_import, given.rows, 0.7),
        "import-beside-indices": (partial(of_import, follows=True), given.rows, 0.7),
        "images": (of_images, given.images, 0.9),
        "iris-images": (partial(of_images, modality=Modality.IRIS), given.images, 0.9),
        "sweep": (of_sweep, given.faces, 0.8),
    }
    for name in given.kinds or all_kinds:
        work, count, goal = all_kinds[name]
        ours, alone = asyncio.run(work(count))
        ratio, times = ours.a_second / alone.a_second, f"{ours.cpu_ms:.3f} ms a row, alone {alone.cpu_ms:.3f}"
        rates = f"{ours.a_second:.0f} a second, alone {alone.a_second:.0f}: ratio {ratio:.2f}, goal {goal}"
        print(f"{name}, {count}: {rates}; processor {times}")


if __name__ == "__main__":
    main()
