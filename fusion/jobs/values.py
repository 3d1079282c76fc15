"""A job as a value: what it is to do, how far it is, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from fusion.jobs.parts import Counts, Json, Lease


class JobState(Enum):
    """Where a job stands. DONE, FAILED and CANCELLED are final."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    CANCELLING = "CANCELLING"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @property
    def is_final(self) -> bool:
        """Whether nothing of the job will be done any more."""
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Budget:
    """How many rows may be refused before the job is stopped as FAILED.

    Args:
        count: most refused rows; -1: any number.
        share: most refused rows among those finished, 0 to 1; regarded from the 100th row on, and at the end.
    """

    count: int = -1
    share: float = 1.0

    LEAST_ROWS = 100

    def is_exceeded(self, counts: Counts, *, is_end: bool = False) -> bool:
        """Whether these are too many."""
        if 0 <= self.count < counts.refused:
            return True
        return (is_end or counts.rows >= self.LEAST_ROWS) and counts.refused > self.share * counts.rows


@dataclass(frozen=True, slots=True)
class Callback:
    """Whom to tell of the end of a job (callbacks/deliveries.py).

    Args:
        url: where; "" for nobody.
        is_due: whether it is still to be told.
        attempts: how often that was tried.
        next_time: when it is tried again, seconds since 1970.
        first_time: when it was tried first; 0 if it was not.
        status: what came of the last attempt, for people: a status code or the kind of failure; "" while it runs.
    """

    url: str = ""
    is_due: bool = False
    attempts: int = 0
    next_time: float = 0.0
    first_time: float = 0.0
    status: str = ""


@dataclass(frozen=True, slots=True)
class JobError:
    """Why a job FAILED: a stable UPPER_SNAKE reason, and a sentence. Neither names a subject."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Job:
    """One job as it was when it was read.

    Args:
        name: `operations/<UUID>`.
        kind: name of its JobKind.
        spec: what is to be done, as its kind reads it.
        state: where it stands.
        create_time: seconds since 1970, as all times.
        start_time: when its first chunk was planned; 0 before.
        end_time: when it came to its end; 0 before.
        counts: of the rows that are finished; of those in progress, as the last heartbeat told.
        settled_counts: of the chunks before `settled`.
        total: rows that are planned so far.
        is_planned: whether those are all.
        budget: how many rows may be refused.
        error: why it FAILED, or is about to.
        request_id: of the call that made it.
        status_detail: what it is doing, for people; no subject is named.
        summary: what its kind says of the whole, at the end.
        callback: whom to tell of the end.
        lease: of the process that plans and settles it.
        settled: chunks before this number are finished.
        version: of its document.
    """

    name: str
    kind: str
    spec: Json
    state: JobState = JobState.QUEUED
    create_time: float = 0.0
    start_time: float = 0.0
    end_time: float = 0.0
    counts: Counts = field(default_factory=Counts)
    settled_counts: Counts = field(default_factory=Counts)
    total: int = 0
    is_planned: bool = False
    budget: Budget = Budget()
    error: JobError | None = None
    request_id: str = ""
    status_detail: str = ""
    summary: Mapping[str, Json] = field(default_factory=dict)
    callback: Callback = Callback()
    lease: Lease = field(default_factory=Lease)
    settled: int = 0
    version: int = 0

    @property
    def id(self) -> str:
        """The UUID in its name."""
        return self.name.partition("/")[2]

    @property
    def is_stopping(self) -> bool:
        """Whether its workers are to end at the next row."""
        return self.state is not JobState.RUNNING or self.error is not None

    def rate(self, now: float) -> float:
        """Finished rows per second since the start; 0 before it."""
        seconds = (self.end_time or now) - self.start_time
        return self.counts.rows / seconds if self.start_time and seconds > 0 else 0.0
