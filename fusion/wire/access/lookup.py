"""Finds the rules that allow an operation in all that a request reaches."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from biometrics.errors import AccessDenied, JobNotFound
from fusion.access.judging import Judge
from fusion.access.names import EVERYTHING
from fusion.access.operations import DECIDING, Operation
from fusion.access.policy import Rule
from fusion.jobs.values import Job
from fusion.wire.access.methods import OF_ONE_GALLERY, STARTED_BY
from fusion.wire.access.reach import Reach
from gallery.subject import DEFAULT_GALLERY
from infra.identity.visit import Visit

OF_JOBS = (Operation.JOBS, *dict.fromkeys(STARTED_BY.values()))
"""Operations of which one is needed to read or cancel jobs."""

ASKING = DECIDING | {Operation.ENROL}
"""Operations for which a gallery may ask for evidence: enrolments may search for duplicates."""


class Aliases(Protocol):
    """What is asked of the store."""

    async def resolve(self, gallery: str) -> str:
        """The gallery that an alias stands for, or the name itself."""
        ...


@dataclass(slots=True)
class Found:
    """The rules that allow a call, and the galleries for which they do, as far as they are known."""

    rules: list[Rule] = field(default_factory=list)
    galleries: list[str] = field(default_factory=list)


class Lookup:
    """Looks up what a request names, and judges it.

    Args:
        aliases: of galleries.
        galleries_of: the galleries of a subject; none if there is no such subject.
        job: the job of a name; raises JobNotFound.
    """

    def __init__(
        self,
        aliases: Aliases,
        galleries_of: Callable[[str], Awaitable[tuple[str, ...]]],
        job: Callable[[str], Awaitable[Job]],
    ) -> None:
        self._aliases, self._galleries_of, self._job = aliases, galleries_of, job

    async def found(self, judge: Judge, visit: Visit, operation: Operation, reached: Reach) -> Found:
        """What allows an operation.

        Raises:
            AccessDenied: nothing does.
            StoreUnavailable: the store does not answer.
        """
        if reached.job:
            return await self._of_job(judge, visit, reached.job)
        found = Found()
        for name in await self._named(reached.galleries):
            found.rules.append(judge.allowing(visit, operation, name)[0])
            found.galleries.append(name)
        for subject_id in reached.subjects:
            await self._of_subject(judge, visit, operation, subject_id, found, is_whole=reached.is_whole)
        return found if found.rules else Found([judge.allowing(visit, operation)[0]])

    async def _named(self, galleries: Iterable[str]) -> list[str]:
        """The galleries of a request: the names that it states, and those that aliases among them stand for."""
        names = dict.fromkeys(galleries)
        return list(names | {await self._aliases.resolve(each): None for each in names if each != EVERYTHING})

    async def _of_subject(
        self, judge: Judge, visit: Visit, operation: Operation, subject_id: str, found: Found, *, is_whole: bool
    ) -> None:
        """Add what allows the operation with a subject.

        The refusal is the same for a subject that does not exist and for one of other galleries. Only a caller who may
        do this in all galleries learns the difference; and for such a one the store is asked only about evidence.
        """
        first = judge.allowing(visit, operation)[0]
        if first.has_gallery(EVERYTHING) and not (operation in ASKING and judge.policy.needs):
            found.rules.append(first)
            return
        allowed: dict[str, Rule] = {}
        galleries = await self._galleries_of(subject_id) or (EVERYTHING,)
        for name in galleries:
            with suppress(AccessDenied):
                allowed[name] = judge.allowing(visit, operation, name)[0]
        if not allowed or (is_whole and len(allowed) < len(galleries)):
            raise judge.refusal(
                "GALLERY_NOT_ALLOWED",
                f"You may not {operation} with this subject: it is in no gallery where you may, is in others too, or "
                "does not exist.",
            )
        rules = list(allowed.values()) if is_whole else [min(allowed.values(), key=judge.policy.rules.index)]
        found.rules.extend(rules)
        found.galleries.extend(name for name, rule in allowed.items() if rule in rules and name != EVERYTHING)

    async def _of_job(self, judge: Judge, visit: Visit, name: str) -> Found:
        """What allows to read or cancel a job: the operation jobs, or the one that starts it, in the job's gallery."""
        operations, names = [Operation.JOBS], [EVERYTHING]
        with suppress(JobNotFound):  # whoever may not read all jobs is refused, as for a job of another gallery
            job = await self._job(name)
            operations += [STARTED_BY[job.kind]] if job.kind in STARTED_BY else []
            if job.kind in OF_ONE_GALLERY:
                names = await self._named([job.spec["gallery"] or DEFAULT_GALLERY])
        return Found([first_allowed(operations, judge, visit, each) for each in names])


def first_allowed(operations: Sequence[Operation], judge: Judge, visit: Visit, gallery: str | None = None) -> Rule:
    """The rule that allows one of the operations.

    Raises:
        AccessDenied: none does; the reason is that of the first.
    """
    for operation in operations:
        with suppress(AccessDenied):
            return judge.allowing(visit, operation, gallery)[0]
    return judge.allowing(visit, operations[0], gallery)[0]
