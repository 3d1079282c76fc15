"""Keeps a record of what jobs do: nobody calls for it, but it changes what is enrolled, and decides."""

from __future__ import annotations

from collections import Counter
from typing import Any

from audit.lines import body
from audit.writer import now
from fusion.jobs.codec import ChunkRows
from fusion.jobs.values import Job
from fusion.wire.witness.call_witness import Log

JOB = "JOB"
"""Kind of these records."""


class AuditedJobs:
    """The witness of jobs (`fusion.jobs.witness.JobWitness`) that appends to an audit log.

    Args:
        log: where the records go.
    """

    def __init__(self, log: Log) -> None:
        self._log = log

    async def started(self, job: Job) -> None:
        """See JobWitness."""
        await self._record(job, "STARTED", {"request_id": job.request_id})

    async def worked(self, job: Job, number: int, results: ChunkRows) -> None:
        """See JobWitness."""
        reasons = Counter(row.reason for row in results.rows if row.reason)
        await self._record(job, "WORKED", {"part": number, **_counts(results), "reasons": dict(reasons)})

    async def ended(self, job: Job) -> None:
        """See JobWitness."""
        reason = {"reason": job.error.reason} if job.error else {}
        await self._record(job, "ENDED", {"state": job.state.value, **_counts(job), **reason})

    async def _record(self, job: Job, event: str, facts: dict[str, Any]) -> None:
        await self._log.append(
            JOB, body({"time": now(), "job": job.name, "kind_of_job": job.kind, "event": event, **facts})
        )


def _counts(of: Job | ChunkRows) -> dict[str, int]:
    return {"done": of.counts.done, "refused": of.counts.refused, "repeated": of.counts.repeated}
