"""A kind of jobs for tests: rows are numbers, and doing one writes a document under its request id."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress
from typing import Any

from biometrics.errors import DocumentChanged, FieldInvalid
from fusion.jobs.kinds import Context
from fusion.jobs.parts import Json, Part, Row, RowOutcome
from fusion.jobs.values import Job
from gallery.store.documents.port import Documents

EFFECTS = "effects"
NUMBER = "numbers"


class NumberKind:
    """Does the numbers from 0 to `spec["rows"]`, `spec["per_part"]` in each part.

    Every number that `spec["refused"]` divides is refused. `told` is called after the effect of each row. `gate`, if
    it is there, must be set before a row is begun. `troubles` are raised at the beginning of parts, one after another.

    Args:
        documents: where the effects are written.
        told: is called with the row.
    """

    name = NUMBER

    def __init__(self, documents: Documents, told: Callable[[int], None] = lambda _: None) -> None:
        self._documents, self._told = documents, told
        self.gate: asyncio.Event | None = None
        self.troubles: list[Exception] = []
        self.planned: list[int] = []

    def validate(self, spec: Json) -> Json:
        """See JobKind."""
        if not isinstance(spec, dict) or not isinstance(spec.get("rows"), int):
            raise FieldInvalid("spec.rows", "a number is needed.")
        return {"per_part": 20, "refused": 0, **spec}

    async def plan(self, job: Job, after: Part | None) -> AsyncGenerator[Part, None]:
        """See JobKind."""
        first, most = (after.place[1] if after else 0), job.spec["rows"]
        while first < most:
            self.planned.append(first)
            last = min(most, first + job.spec["per_part"])
            yield Part([first, last], last - first)
            first = last

    async def work(self, part: Part, context: Context) -> AsyncGenerator[Row, None]:
        """See JobKind."""
        if self.troubles:
            raise self.troubles.pop()
        for number in range(*part.place):
            if self.gate is not None:
                await self.gate.wait()
            refused = context.job.spec["refused"]
            if refused and number % refused == 0:
                yield Row(str(number), RowOutcome.REFUSED, "DIVISIBLE")
                continue
            with suppress(DocumentChanged):  # it was written before by this job
                await self._documents.put(EFFECTS, context.request_id(str(number)), b"%d" % number, 0)
            self._told(number)
            yield Row(str(number), RowOutcome.DONE, detail={"n": number})

    async def finish(self, job: Job) -> Mapping[str, Any]:
        """See JobKind."""
        return {"rows": job.counts.rows}


async def effects(documents: Documents) -> list[int]:
    """The numbers that were done, in order; one that was done twice under two request ids is there twice."""
    found, after = list[int](), ""
    while page := await documents.list(EFFECTS, after, 1000):
        found += [int(each.body) for each in page]
        after = page[-1].key
    return sorted(found)
