"""The pairs that a job has reported so far."""

from __future__ import annotations

from fusion.jobs.job_rows import JobRows
from fusion.jobs.values import Job

CHUNKS_AT_ONCE = 16


class Reported:
    """Pairs in the results of one job, read as they are added.

    Args:
        rows: of jobs.
        job: whose results are read.
    """

    def __init__(self, rows: JobRows, job: Job) -> None:
        self._rows, self._job = rows, job
        self._next, self.keys = 0, set[str]()

    async def read(self) -> set[str]:
        """The keys of all pairs in the chunks that are finished."""
        while found := await self._rows.results_from(self._job, self._next, CHUNKS_AT_ONCE):
            for _, chunk in found:
                self.keys.update(each.key for each in chunk.rows if " " in each.key)
            self._next = found[-1][0] + 1
        return self.keys


def pair_key(one: str, other: str) -> str:
    """The key of a pair, in whichever order it was found."""
    return " ".join(sorted((one, other)))
