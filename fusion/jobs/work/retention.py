"""Removes jobs whose time is over, and finds those that a process left between making them and marking them."""

from __future__ import annotations

from fusion.jobs.job_rows import JobRows

PAGE = 100


async def sweep(rows: JobRows, now: float, retention_s: float) -> int:
    """Delete every job that ended more than `retention_s` ago, with its results; returns how many.

    Raises:
        Unavailable: the store does not answer.
    """
    deleted, after = 0, ""
    while page := await rows.page(after, PAGE):
        after = page[-1].name
        for job in page:
            if not job.state.is_final or job.callback.is_due:
                await rows.mark_open(job.name)
            if job.state.is_final and job.end_time + retention_s <= now:
                await rows.delete(job)
                deleted += 1
    return deleted
