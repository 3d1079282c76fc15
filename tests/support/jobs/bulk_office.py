"""A process that does the kinds of jobs, over a SQLite store and fake matching services that search that store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from biometrics.sample import Sample
from biometrics.template import Modality
from fusion.bulk.work.tools import Tools
from fusion.duplicates.guard import DuplicateGuard
from fusion.jobs.folders import JobFolders
from fusion.jobs.job_rows import JobRows
from fusion.jobs.jobs import Jobs
from fusion.jobs.kinds import JobKind
from fusion.jobs.options import JobOptions
from fusion.jobs.parts import Row
from fusion.jobs.values import Job
from fusion.jobs.work.engine import JobEngine
from fusion.matching.matchers import Found, Hit
from gallery.store.subject_store import PartitionedStore
from gallery.store.values import ConsistencyToken
from gallery.subject import Subject
from tests.support.jobs.office import OPTIONS, WAIT_S
from tests.support.stores.sqlite_store import sqlite_store
from tests.unit.fusion.world import FakeMatcher, model


class StoreMatcher(FakeMatcher):
    """A Matcher that searches what a real store has."""

    _read: tuple[ConsistencyToken, list[Subject]] | None = None

    async def search(self, probe: Sample, gallery: str, limit: int, token: ConsistencyToken, timeout_s: float) -> Found:
        """All subjects of the gallery."""
        self._answer()
        hits = self._hits_in(probe, [each for each in await self._everybody() if gallery in each.galleries])
        return Found(hits[:limit], len(hits))

    async def score(
        self, probe: Sample, subject_ids: Sequence[str], token: ConsistencyToken, timeout_s: float
    ) -> list[Hit]:
        """The named subjects."""
        self._answer()
        return self._hits_in(probe, (await self.real.get_many(subject_ids)).values())

    async def _everybody(self) -> list[Subject]:
        """All subjects; read again when the store has changed."""
        position = await self.real.position()
        if self._read is None or self._read[0] != position:
            self._read = position, await everybody(self.real)
        return self._read[1]

    @property
    def real(self) -> PartitionedStore:
        """The store that is searched."""
        return self.store  # type: ignore[return-value]  # FakeMatcher reads only `subjects` of it

    def _hits_in(self, probe: Sample, subjects: Any) -> list[Hit]:
        return sorted(self._scored(probe, subjects), key=lambda hit: (-hit.score, hit.subject_id))

    def _scored(self, probe: Sample, subjects: Any) -> Iterator[Hit]:
        for subject in subjects:
            own = [
                each
                for each in subject.active_references
                if each.modality is self.modality and each.position.comparable(probe.position)
            ]
            scores = [self.mated if each.template.data == probe.source.data else self.non_mated for each in own]
            if scores:
                best = scores.index(max(scores))
                yield Hit(subject.subject_id, scores[best], own[best].position, len(scores))


async def everybody(store: PartitionedStore) -> list[Subject]:
    """All subjects, in order of id."""
    found, token = list[Subject](), ""
    while True:
        page = await store.list(1000, token)
        found += page.subjects
        token = page.next_page_token
        if not token:
            return found


@dataclass
class Bulk:
    """What a test works with.

    Args:
        store: the real store.
        matchers: by modality; fake.
        jobs: what callers do.
        folder: the folder that jobs may read and write.
        tools: of the kinds.
        engine: of this process.
    """

    store: PartitionedStore
    matchers: dict[Modality, StoreMatcher]
    jobs: Jobs
    folder: Path
    tools: Tools
    engine: JobEngine

    async def done(self, kind: str, spec: dict[str, Any], **options: Any) -> tuple[Job, list[Row]]:
        """A job at its end, with all its results."""
        made = await self.jobs.create(kind, spec, **options)
        job = await self.jobs.wait(made.name, WAIT_S)
        return job, await self.results(job.name)

    async def results(self, name: str) -> list[Row]:
        """All results of a job."""
        found, token = list[Row](), ""
        while True:
            page = await self.jobs.rows(name, 1000, token)
            found += page.rows
            token = page.following
            if not token:
                return found


@asynccontextmanager
async def bulk_office(
    place: Path, *kinds: Callable[[Tools], JobKind], options: JobOptions = OPTIONS, **of_store: Any
) -> AsyncIterator[Bulk]:
    """Opens a store in a folder, and an engine of these kinds; the folder `files` within it is that of jobs.

    `of_store`: arguments of the store, e.g. `partition_count`.
    """
    folder = place / "files"
    folder.mkdir(exist_ok=True)
    store = sqlite_store(place / "store.db", **of_store)
    matchers = {modality: StoreMatcher(modality, store) for modality in Modality}  # type: ignore[arg-type]
    rows, own = JobRows(store.backend.documents), model()
    guard = DuplicateGuard(matchers, store, own)
    tools = Tools(store, matchers, own, {}, guard, JobFolders.parse(str(folder.resolve())), rows)
    engine = JobEngine(rows, [make(tools) for make in kinds], options)
    engine.start()
    try:
        yield Bulk(store, matchers, Jobs(rows, engine, options), folder.resolve(), tools, engine)
    finally:
        await engine.close()
        await store.close()
