"""A process with jobs for benchmarks, and sources of made-up rows."""

from __future__ import annotations

import asyncio
import json
import tempfile
import uuid
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.face.synthetic_faces import equal_halves
from biometrics.template import Modality, Position, Template
from cli.local.local_matcher import LocalMatcher
from fusion.bulk.work.tools import Tools
from fusion.configured import fusion_model
from fusion.duplicates.guard import DuplicateGuard
from fusion.jobs.folders import JobFolders
from fusion.jobs.job_rows import JobRows
from fusion.jobs.jobs import Jobs
from fusion.jobs.opening import open_jobs
from fusion.jobs.options import JobOptions
from fusion.wire.jobs.assembly import kinds_of
from gallery.store.open_store import open_store
from gallery.store.subject_store import PartitionedStore
from gallery.store.values import Enrolment
from gallery.subject import DEFAULT_GALLERY, Encounter, Reference
from infra.settings import Settings
from infra.workers import Workers
from services.face import __main__ as face
from services.face.template.features import PAIR_DIMENSIONS, PAIR_MODEL_ID, pack
from services.iris import __main__ as iris
from services.running import started_beside

QUALITY = 80.0


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


def vectors(count: int) -> np.ndarray:
    """Directions of random faces, (count, 256)."""
    return equal_halves(np.random.default_rng(5).standard_normal((count, PAIR_DIMENSIONS), np.float32))


def enrolment(number: int, vector: np.ndarray) -> Enrolment:
    """The enrolment of the row of this number in the store alone."""
    reference = Reference(Position.FACE, pack(vector), QUALITY, True)
    encounter = Encounter(f"e-{number}", datetime.now(UTC), (reference,))
    return Enrolment(str(uuid.uuid4()), "d" * 64, f"person-{number:08}", (DEFAULT_GALLERY,), encounter, True)


def template_rows(path: Path, vectors: np.ndarray) -> None:
    """Write a manifest of template rows."""
    with path.open("w") as file:
        for number, vector in enumerate(vectors):
            template: Template = pack(vector)
            data = b64encode(template.data).decode()
            sample = {"modality": "FACE", "template": data, "model_id": PAIR_MODEL_ID, "quality": QUALITY}
            file.write(json.dumps({"subject_id": f"person-{number:08}", "samples": [sample]}) + "\n")


def image_rows(folder: Path, images: list[bytes], rows: int, modality: Modality) -> None:
    """Write images, and a manifest of rows that name them in turn."""
    for number, image in enumerate(images):
        (folder / f"{number}.png").write_bytes(image)
    with (folder / "rows.jsonl").open("w") as file:
        for number in range(rows):
            sample = {"modality": str(modality), "image": f"{number % len(images)}.png"}
            file.write(json.dumps({"subject_id": f"person-{number}", "samples": [sample]}) + "\n")
