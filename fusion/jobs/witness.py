"""The port of whoever keeps a record of jobs: their starts, their parts and their ends."""

from __future__ import annotations

from typing import Protocol

from fusion.jobs.codec import ChunkRows
from fusion.jobs.values import Job


class JobWitness(Protocol):
    """Keeps a record of jobs. What cannot be recorded is tried again, so that one thing may be recorded twice.

    All methods raise Unavailable if it cannot be recorded.
    """

    async def started(self, job: Job) -> None:
        """Record a job before its first part is planned."""
        ...

    async def worked(self, job: Job, number: int, results: ChunkRows) -> None:
        """Record what became of the rows of a part, before the part counts as finished."""
        ...

    async def ended(self, job: Job) -> None:
        """Record a job before it counts as ended; its state is final."""
        ...


class Unrecorded:
    """The witness of jobs of a process that keeps no records."""

    async def started(self, _job: Job) -> None:
        """See JobWitness."""

    async def worked(self, _job: Job, _number: int, _results: ChunkRows) -> None:
        """See JobWitness."""

    async def ended(self, _job: Job) -> None:
        """See JobWitness."""
