"""What callers do with jobs: make, read, list, cancel, wait for, delete, tell again. Any process of the store can."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from biometrics.errors import DocumentChanged, FieldInvalid, JobUnfinished, RequestIdReused
from fusion.jobs.callbacks.deliveries import redelivered
from fusion.jobs.codec import json_bytes
from fusion.jobs.job_rows import PREFIX, JobRows
from fusion.jobs.options import JobOptions
from fusion.jobs.parts import Json, Row
from fusion.jobs.tokens import parse_token, token
from fusion.jobs.values import Budget, Callback, Job, JobState
from fusion.jobs.work.engine import JobEngine
from fusion.jobs.work.keeper import ended
from infra.requests.idempotence import derived_uuid

MAX_SPEC_BYTES = 64 * 1024
PAGE = 100
ASK_S = 0.02
LONGEST_ASK_S = 0.5
"""Interval, in seconds, of asking the store whether a job has ended: doubled from the one to the other."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of jobs; `following` is the token of the next page, "" after the last."""

    jobs: Sequence[Job]
    following: str


@dataclass(frozen=True, slots=True)
class RowPage:
    """A page of results in the order of the work, likewise."""

    rows: Sequence[Row]
    following: str


class Jobs:
    """The jobs of a store.

    Args:
        rows: of jobs, in the store.
        engine: of this process, which knows the kinds; it may have no workers.
        options: of this process.
        clock: returns seconds since 1970.
    """

    def __init__(
        self, rows: JobRows, engine: JobEngine, options: JobOptions, clock: Callable[[], float] = time.time
    ) -> None:
        self._rows, self._engine, self._options, self._clock = rows, engine, options, clock

    async def create(
        self, kind: str, spec: Json, request_id: str = "", *, budget: Budget | None = None, callback_url: str = ""
    ) -> Job:
        """Make a job; a repetition with the same request id returns the one that was made.

        Raises:
            FieldInvalid: the kind is unknown; the budget or the URL cannot be used.
            InvalidInput: the kind refuses the spec.
            RequestIdReused: the request id was used for another job.
        """
        job = self._wanted(kind, spec, request_id, budget or Budget(), callback_url)
        try:
            job = await self._rows.put(job)
        except DocumentChanged:
            job = _same(await self._rows.get(job.name), job)
        if not job.state.is_final:
            await self._rows.mark_open(job.name)
        self._engine.hurry()
        return job

    async def get(self, name: str) -> Job:
        """A job. Raises JobNotFound."""
        return await self._rows.get(name)

    async def list(
        self, page_size: int, page_token: str = "", *, kind: str = "", states: Collection[JobState] = ()
    ) -> Page:
        """A page of jobs in order of name, of one kind and some states, or of all if nothing is named.

        Raises:
            FieldInvalid: the page token is not of a previous page of the same list.
        """
        scope = f"jobs\n{kind}\n{sorted(each.value for each in states)}"
        after, found = parse_token(page_token, scope), list[Job]()
        while len(found) <= page_size and (page := await self._rows.page(after, PAGE)):
            after = page[-1].name
            found += [each for each in page if kind in ("", each.kind) and (not states or each.state in states)]
        following = token(found[page_size - 1].name, scope) if len(found) > page_size else ""
        return Page(found[:page_size], following)

    async def rows(self, name: str, page_size: int, page_token: str = "") -> RowPage:
        """A page of the results of a job, also of one that is not at its end; raises JobNotFound, FieldInvalid."""
        job = await self._rows.get(name)
        chunk, _, skipped = parse_token(page_token, name).partition(" ")
        first, skip, found = int(chunk or 0), int(skipped or 0), list[Row]()
        while parts := await self._rows.results_from(job, first, 4):
            for number, results in parts:
                own = results.rows[skip if number == first else 0 :]
                if len(found) + len(own) > page_size:
                    taken = page_size - len(found)
                    start = len(results.rows) - len(own) + taken
                    return RowPage([*found, *own[:taken]], token(f"{number} {start}", name))
                found += own
            first, skip = parts[-1][0] + 1, 0
        return RowPage(found, "")

    async def cancel(self, name: str) -> Job:
        """Have a job stop at the next row; nothing happens to one that has ended. Raises JobNotFound."""
        job = await self._rows.change(name, self._cancelled)
        self._engine.hurry()
        return job

    async def wait(self, name: str, timeout_s: float) -> Job:
        """The job when it has ended, or as it is after `timeout_s`. Raises JobNotFound."""
        until, interval = time.monotonic() + timeout_s, ASK_S
        while True:
            job = await self._rows.get(name)
            left = until - time.monotonic()
            if job.state.is_final or left <= 0:
                return job
            await asyncio.sleep(min(interval, left))
            interval = min(LONGEST_ASK_S, 2 * interval)

    async def delete(self, name: str) -> None:
        """Remove a job that has ended, with its results.

        Raises:
            JobNotFound: there is none.
            JobUnfinished: it has not ended.
        """
        await self._rows.delete(await self._final(name))

    async def redeliver(self, name: str) -> Job:
        """Tell the receiver again of the end of a job, beginning now.

        Raises:
            JobNotFound: there is none.
            JobUnfinished: it has not ended.
            FieldInvalid: the job has no callback.
        """
        if not (await self._final(name)).callback.url:
            raise FieldInvalid("name", "this job was made without a callback.")
        now = self._clock()
        job = await self._rows.change(name, lambda own: replace(own, callback=redelivered(own.callback, now)))
        await self._rows.mark_open(name)
        self._engine.hurry()
        return job

    def _wanted(self, kind: str, spec: Json, request_id: str, budget: Budget, callback_url: str) -> Job:
        if kind not in self._engine.kinds:
            raise FieldInvalid(
                "kind", f"there is no kind of jobs of this name. Known: {', '.join(self._engine.kinds)}."
            )
        if budget.count < -1 or not 0 <= budget.share <= 1:
            raise FieldInvalid("budget", "a count of -1 or more and a share from 0 to 1 are needed.")
        if callback_url:
            self._options.origins.target(callback_url)
        json_bytes(spec, "spec", MAX_SPEC_BYTES)
        spec = self._engine.kinds[kind].validate(spec)
        json_bytes(spec, "spec", MAX_SPEC_BYTES)
        own = derived_uuid(f"{request_id}\njob") if request_id else str(uuid.uuid4())
        callback = Callback(callback_url)
        return Job(
            PREFIX + own, kind, spec, create_time=self._clock(), budget=budget, request_id=request_id, callback=callback
        )

    def _cancelled(self, job: Job) -> Job:
        if job.state is JobState.QUEUED:
            return ended(job, JobState.CANCELLED, self._clock())
        return replace(job, state=JobState.CANCELLING) if job.state is JobState.RUNNING else job

    async def _final(self, name: str) -> Job:
        job = await self._rows.get(name)
        if not job.state.is_final:
            raise JobUnfinished(f"The job is {job.state.value}. Cancel it, or wait for its end.", state=job.state.value)
        return job


def _same(found: Job, wanted: Job) -> Job:
    """The job that was made by an earlier call, if that was the same call."""
    facts = [(each.kind, each.spec, each.budget, each.callback.url) for each in (found, wanted)]
    if facts[0] != facts[1]:
        raise RequestIdReused(
            "This request id was used for another job. Use a new UUID for each new request.",
            request_id=wanted.request_id,
        )
    return found
