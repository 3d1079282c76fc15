"""The port of the kinds of jobs. A kind is a plain class; JobEngine is given one object of each."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Protocol

from fusion.jobs.parts import Json, Part, Row
from fusion.jobs.values import Job
from infra.requests.idempotence import derived_uuid


@dataclass(frozen=True, slots=True)
class Context:
    """What the work of a chunk knows of its job.

    Args:
        job: as it was when the chunk was begun.
        number: of the chunk.
    """

    job: Job
    number: int

    def request_id(self, row: str) -> str:
        """The request id for the write of this row: a UUID that depends on job and row only.

        The chunk of a killed process is done again. Writes that it had made are then found by their request ids, and
        are repetitions; a kind reports them as DONE, as this job made them.
        """
        return derived_uuid(f"{self.job.id}\n{row}")


class JobKind(Protocol):
    """One kind of jobs, e.g. imports.

    A process may be killed anywhere, and then other processes go on: `work` and `finish` must stand repetition, and
    `plan` must continue after any part that it has given.
    """

    @property
    def name(self) -> str:
        """Lower-case letters, digits and hyphens."""

    def validate(self, spec: Json) -> Json:
        """Return the spec of a new job with its defaults filled in.

        Raises:
            InvalidInput: it cannot be used. The message says which field.
        """

    def plan(self, job: Job, after: Part | None) -> AsyncGenerator[Part, None]:
        """The parts of a job, in a fixed order.

        It is read as the work proceeds: at most some 64 parts are kept ahead, so that a source of any size is never in
        memory. A part has at most 1,000 rows.

        Args:
            job: the job with its spec.
            after: the last part that was given; None at the beginning.

        Raises:
            BiofusionError: the source cannot be read. The job fails unless it is Unavailable.
        """

    def work(self, part: Part, context: Context) -> AsyncGenerator[Row, None]:
        """Do the rows of a part, and give the result of each as it is done, in any order; several may be done at once.

        The generator is closed after any result when the job is cancelled: end what is in hand in a `finally`, as it
        will be in no results. It must leave the event loop free: what computes or reads files runs in threads.

        Raises:
            Unavailable, Overloaded, DeadlineExpired: something does not answer; the part is tried again until it does.
            Exception: any other; the part is tried five times, then the job fails. A row that cannot be done is
                REFUSED, not an error.
        """

    async def finish(self, job: Job) -> Mapping[str, Json]:
        """Called when all rows are finished; returns the summary that is kept in the job."""
