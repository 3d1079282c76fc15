"""The rows of jobs in the store: jobs, marks of those that are open, chunks, and results."""

from __future__ import annotations

import logging
from asyncio import gather
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from biometrics.errors import DocumentChanged, JobNotFound, RecordUnreadable
from fusion.jobs.codec import ChunkRows, chunk_bytes, chunk_of, job_bytes, job_of, rows_bytes, rows_of
from fusion.jobs.parts import Chunk
from fusion.jobs.values import Job
from gallery.store.documents.port import Document, Documents
from gallery.store.documents.rules import MAX_PAGE

log = logging.getLogger(__name__)

JOBS, OPEN, CHUNKS, RESULTS = "jobs", "jobs-open", "job-chunks", "job-results"
"""Collections. Jobs are under their names; chunks and results under `<UUID>/<number of the chunk>`."""

PREFIX = "operations/"
OPEN_PREFIX = "open/"
MOST_TRIES = 50
"""How often a change is tried while others change the same job."""


class JobRows:
    """Reads and writes the rows of jobs; every write is compared with what its writer has read.

    Args:
        documents: of the store.
    """

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def get(self, name: str) -> Job:
        """The job of this name.

        Raises:
            JobNotFound: there is none.
        """
        found = await self._documents.get(JOBS, name) if name.startswith(PREFIX) else None
        if found is None:
            raise JobNotFound("There is no such job, or its results have expired. List the jobs to see which exist.")
        return job_of(found)

    async def put(self, job: Job) -> Job:
        """Write a job over the version that it has; 0 for a new one.

        Raises:
            DocumentChanged: it has another version.
        """
        version = await self._documents.put(JOBS, job.name, job_bytes(job), job.version)
        return replace(job, version=version)

    async def change(self, name: str, by: Callable[[Job], Job]) -> Job:
        """Apply a change to the newest version of a job, and return it; nothing is written if it stays as it is."""
        for _ in range(MOST_TRIES):
            job = await self.get(name)
            wanted = by(job)
            if wanted == job:
                return job
            with suppress(DocumentChanged):
                return await self.put(wanted)
        raise DocumentChanged("Other writers change this job all the time. Try again.")

    async def page(self, after: str, limit: int) -> list[Job]:
        """Up to `limit` jobs whose names follow `after`, in order of name."""
        return _readable(await self._documents.list(JOBS, after, limit, PREFIX))

    async def mark_open(self, name: str) -> None:
        """Have all processes look at this job."""
        with suppress(DocumentChanged):
            await self._documents.put(OPEN, _mark(name), b"", 0)

    async def open_jobs(self) -> list[Job]:
        """The marked jobs; a mark whose job was deleted is removed."""
        marks = await self._documents.list(OPEN, "", MAX_PAGE, OPEN_PREFIX)
        names = [PREFIX + each.key.removeprefix(OPEN_PREFIX) for each in marks]
        found = await self._documents.get_many(JOBS, names)
        for mark, document in zip(marks, found, strict=True):
            if document is None:
                await self._remove(OPEN, mark.key, mark.version)
        return _readable([each for each in found if each is not None])

    async def unmark(self, name: str) -> None:
        """Nobody needs to look at this job any more."""
        mark = await self._documents.get(OPEN, _mark(name))
        if mark is not None:
            await self._remove(OPEN, mark.key, mark.version)

    async def chunks(self, job: Job, first: int, limit: int) -> list[Chunk]:
        """Up to `limit` chunks from number `first` on."""
        after = _place(job, first - 1) if first else ""
        return [chunk_of(each) for each in await self._documents.list(CHUNKS, after, limit, f"{job.id}/")]

    async def chunk(self, job: Job, number: int) -> Chunk | None:
        """One chunk, or None."""
        found = await self._documents.get(CHUNKS, _place(job, number))
        return None if found is None else chunk_of(found)

    async def put_chunk(self, job: Job, chunk: Chunk) -> Chunk:
        """Write a chunk over the version that it has; 0 for a new one. Raises DocumentChanged."""
        version = await self._documents.put(CHUNKS, _place(job, chunk.number), chunk_bytes(chunk), chunk.version)
        return replace(chunk, version=version)

    async def put_results(self, job: Job, number: int, results: ChunkRows) -> ChunkRows:
        """Write the results of a chunk once; returns those that are kept, which another worker may have written."""
        with suppress(DocumentChanged):
            await self._documents.put(RESULTS, _place(job, number), rows_bytes(results), 0)
            return results
        return await self.results(job, number) or results

    async def results(self, job: Job, number: int) -> ChunkRows | None:
        """The results of a chunk, or None."""
        found = await self._documents.get(RESULTS, _place(job, number))
        return None if found is None else rows_of(found)

    async def results_from(self, job: Job, first: int, limit: int) -> Sequence[tuple[int, ChunkRows]]:
        """Number and results of up to `limit` chunks that have any, from number `first` on."""
        after = _place(job, first - 1) if first else ""
        found = await self._documents.list(RESULTS, after, limit, f"{job.id}/")
        return [(int(each.key.rpartition("/")[2]), rows_of(each)) for each in found]

    async def delete(self, job: Job) -> None:
        """Remove a job with all its rows; itself last, so that a deletion that is interrupted can be repeated."""
        for collection in (RESULTS, CHUNKS):
            while found := await self._documents.list(collection, "", 20, f"{job.id}/"):
                await gather(*(self._remove(collection, each.key, each.version) for each in found))
        await self.unmark(job.name)
        found_job = await self._documents.get(JOBS, job.name)
        if found_job is not None:
            await self._remove(JOBS, job.name, found_job.version)

    async def _remove(self, collection: str, key: str, version: int) -> None:
        with suppress(DocumentChanged):
            await self._documents.delete(collection, key, version)


def _readable(found: Sequence[Document]) -> list[Job]:
    jobs = []
    for each in found:
        try:
            jobs.append(job_of(each))
        except RecordUnreadable as error:
            log.warning("%s is left out: %s", each.key, error.message)
    return jobs


def _mark(name: str) -> str:
    return OPEN_PREFIX + name.removeprefix(PREFIX)


def _place(job: Job, number: int) -> str:
    return f"{job.id}/{number:010}"
