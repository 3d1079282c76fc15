"""`python -m benchmarks.services.bulk [--rows N] [--images N] [--faces N] [import|images|sweep …]`: rates of bulk jobs.

Each rate is a share of what it is made of, measured in the same run: an import of templates against enrolments of the
same rows in the store alone, one of images against their extraction alone, a sweep against the searches alone.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
import uuid
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.harness import Row
from biometrics.sample import EncodedImage, Sample
from biometrics.template import Modality, Position, Template
from cli.local.local_matcher import LocalMatcher
from fusion.__main__ import fusion_model
from fusion.bulk.importing import NAME as IMPORT
from fusion.bulk.sweep.search import LISTED
from fusion.bulk.sweep.sweeping import NAME as SWEEP
from fusion.bulk.work.tools import Tools
from fusion.duplicates.guard import DuplicateGuard
from fusion.jobs.folders import JobFolders
from fusion.jobs.job_rows import JobRows
from fusion.jobs.jobs import Jobs
from fusion.jobs.opening import open_jobs
from fusion.jobs.options import JobOptions
from fusion.wire.jobs.assembly import kinds_of
from gallery.store.open_store import open_store
from gallery.store.subject_store import PartitionedStore
from gallery.store.values import ConsistencyToken, Enrolment
from gallery.subject import DEFAULT_GALLERY, Encounter, Reference
from infra.models.supply import ensure_all
from infra.settings import Settings
from infra.workers import Workers
from services.assembly import started_beside
from services.face import __main__ as face
from services.face.template.features import MODEL_ID, pack
from services.iris import __main__ as iris
from tests.service import pictures

ROWS, IMAGES, FACES = 20_000, 200, 20_000
AT_ONCE = 128
"""Enrolments, or searches, at once of what a job is compared with: as many as two workers of jobs have at most."""
QUALITY = 80.0
TURNS = 3
SWEEP_S = 15.0
"""Both sides are measured so often, in turn; the medians count."""


@dataclass
class Place:
    """A store with two matching services and jobs, in this process.

    Args:
        store: empty at first.
        matchers: of faces and irises.
        jobs: made and done here.
        files: the folder of sources.
    """

    store: PartitionedStore
    matchers: dict[Modality, LocalMatcher]
    jobs: Jobs
    files: Path


def measure() -> Row:
    """The import of templates, for `python -m benchmarks`."""
    ours, reference = asyncio.run(of_import(ROWS))
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


async def of_import(rows: int, *, follows: bool = False) -> tuple[float, float]:
    """Rows a second of an import of template rows, and of enrolments of the same in the store alone.

    Args:
        rows: number of rows.
        follows: whether indices in this process follow the store meanwhile, as in `biofusion serve`; not, as in
            `python -m fusion`.
    """
    vectors = _vectors(rows)
    ours, alone = [], []
    for _ in range(TURNS):
        async with place(follows=follows) as here:
            await asyncio.to_thread(_template_rows, here.files / "rows.jsonl", vectors)
            ours.append(rows / await _seconds(_job(here, IMPORT, {"source": "rows.jsonl"}, rows)))
        async with place(follows=follows) as here:
            wanted = (_enrolment(number, vector) for number, vector in enumerate(vectors))
            alone.append(rows / await _seconds(_all(here.store.enroll(each) for each in wanted)))
    return median(ours), median(alone)


async def of_images(rows: int) -> tuple[float, float]:
    """Rows a second of an import of iris images, and of their extraction alone on two workers."""
    images = [pictures.eye(number, 0) for number in range(min(rows, 50))]
    ours, alone = [], []
    for _ in range(TURNS):
        async with place() as here:
            await asyncio.to_thread(_image_rows, here.files, images, rows)
            extract = here.matchers[Modality.IRIS].extract
            await _all((extract(EncodedImage(each), Position.LEFT_EYE, 60.0) for each in images[:16]), 4)  # warm up
            ours.append(rows / await _seconds(_job(here, IMPORT, {"source": "rows.jsonl"}, rows)))
            data = (EncodedImage(images[number % len(images)]) for number in range(rows))
            work = (extract(each, Position.LEFT_EYE, 60.0) for each in data)
            alone.append(rows / await _seconds(_all(work, 4)))
    return median(ours), median(alone)


async def of_sweep(faces: int) -> tuple[float, float]:
    """Subjects a second of a duplicate sweep, and searches a second with the same templates alone, for some time."""
    vectors = _vectors(faces)
    async with place() as here:
        await _all(here.store.enroll(_enrolment(number, vector)) for number, vector in enumerate(vectors))
        matcher, token = here.matchers[Modality.FACE], await here.store.position()
        samples = [Sample(Modality.FACE, Position.FACE, pack(each), QUALITY) for each in vectors]
        await matcher.search(samples[0], DEFAULT_GALLERY, LISTED, token, 600.0)
        ours, alone = [], []
        for _ in range(TURNS):
            alone.append(await _searches(matcher, samples, token))
            ours.append(await _swept(here))
    return median(ours), median(alone)


async def _searches(matcher: LocalMatcher, samples: Sequence[Sample], token: ConsistencyToken) -> float:
    """Searches a second, 64 at once, within a time."""
    begin, done = time.perf_counter(), 0

    async def some(turns: Iterator[Sample]) -> None:
        nonlocal done
        for each in turns:
            await matcher.search(each, DEFAULT_GALLERY, LISTED, token, 60.0)
            done += 1
            if time.perf_counter() > begin + SWEEP_S:
                return

    turns = iter(samples)
    await asyncio.gather(*(some(turns) for _ in range(64)))
    return done / (time.perf_counter() - begin)


async def _swept(here: Place) -> float:
    """Subjects a second of a sweep within a time; then it is cancelled."""
    begin = time.perf_counter()
    made = await here.jobs.create(SWEEP, {"expected_false_pairs": 10.0})
    job = await here.jobs.wait(made.name, SWEEP_S)
    took = time.perf_counter() - begin
    await here.jobs.cancel(made.name)
    job = await here.jobs.wait(job.name, 60.0)
    assert job.counts.refused == 0, job.counts
    return job.counts.done / took


@asynccontextmanager
async def place(*, follows: bool = True) -> AsyncIterator[Place]:
    """A store in a new folder, with services and jobs; `follows`: the services' indices follow the store."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(store_url=f"sqlite:///{folder}/store.db", log_level="WARNING", max_pending=1000)
        store, workers = open_store(settings.store), Workers(settings.workers, settings.max_pending)
        await store.ping()
        services = [await asyncio.to_thread(each.assemble, store, workers, settings) for each in (face, iris)]
        matchers = {each.modality: each for each in (LocalMatcher(service.recognizer) for service in services)}
        followers = services if follows else []
        tails = [tail for service in followers for tail in started_beside(service, store, settings)]
        files, model = Path(folder) / "files", fusion_model(settings)
        files.mkdir()
        options = JobOptions(folders=JobFolders.parse(str(files.resolve())))
        rows, guard = JobRows(store.backend.documents), DuplicateGuard(matchers, store, model)
        tools = Tools(store, matchers, model, {}, guard, options.folders, rows)
        jobs, engine = open_jobs(store.backend.documents, kinds_of(tools), options)
        engine.start()
        try:
            yield Place(store, matchers, jobs, files)
        finally:
            await engine.close()
            for tail in tails:
                tail.cancel()
            await asyncio.gather(*tails, return_exceptions=True)
            await asyncio.gather(*(service.index.close() for service in services))
            workers.close()
            await store.close()


async def _job(here: Place, kind: str, spec: dict[str, Any], rows: int) -> None:
    """Do a job; all its rows must be done."""
    made = await here.jobs.create(kind, spec)
    job = await here.jobs.wait(made.name, 36_000.0)
    assert (rows, 0) == (job.counts.done, job.counts.refused), (job.state, job.counts, job.error)


async def _seconds(work: Coroutine[Any, Any, None]) -> float:
    begin = time.perf_counter()
    await work
    return time.perf_counter() - begin


async def _all(work: Iterator[Coroutine[Any, Any, Any]], at_once: int = AT_ONCE) -> None:
    """Do all, so many at once."""

    async def some() -> None:
        for each in work:
            await each

    await asyncio.gather(*(some() for _ in range(at_once)))


def _vectors(count: int) -> np.ndarray:
    vectors = np.random.default_rng(5).standard_normal((count, 128), np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _enrolment(number: int, vector: np.ndarray) -> Enrolment:
    reference = Reference(Position.FACE, pack(vector), QUALITY, True)
    encounter = Encounter(f"e-{number}", datetime.now(UTC), (reference,))
    return Enrolment(str(uuid.uuid4()), "d" * 64, f"person-{number:08}", (DEFAULT_GALLERY,), encounter, True)


def _template_rows(path: Path, vectors: np.ndarray) -> None:
    with path.open("w") as file:
        for number, vector in enumerate(vectors):
            template: Template = pack(vector)
            data = b64encode(template.data).decode()
            sample = {"modality": "FACE", "template": data, "model_id": MODEL_ID, "quality": QUALITY}
            file.write(json.dumps({"subject_id": f"person-{number:08}", "samples": [sample]}) + "\n")


def _image_rows(folder: Path, images: list[bytes], rows: int) -> None:
    for number, image in enumerate(images):
        (folder / f"{number}.png").write_bytes(image)
    with (folder / "rows.jsonl").open("w") as file:
        for number in range(rows):
            sample = {"modality": "IRIS", "position": "LEFT_EYE", "image": f"{number % len(images)}.png"}
            file.write(json.dumps({"subject_id": f"person-{number}", "samples": [sample]}) + "\n")


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
    all_kinds: dict[str, tuple[Callable[[int], Coroutine[Any, Any, tuple[float, float]]], int, float]] = {
        "import": (of_import, given.rows, 0.7),
        "import-beside-indices": (partial(of_import, follows=True), given.rows, 0.7),
        "images": (of_images, given.images, 0.9),
        "sweep": (of_sweep, given.faces, 0.8),
    }
    for name in given.kinds or all_kinds:
        work, count, goal = all_kinds[name]
        ours, alone = asyncio.run(work(count))
        print(f"{name}, {count}: {ours:.0f} a second, alone {alone:.0f}: ratio {ours / alone:.2f}, goal {goal}")


if __name__ == "__main__":
    main()
