"""Imports: the rows of a manifest, the records of a folder, or a single record, are enrolled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path

from formats.contents import RecordFormat
from fusion.bulk.batches import Batch, batches
from fusion.bulk.enrolling import Enroller, Policy
from fusion.bulk.fields import choice, flag, gallery, known_only, spec_of, text
from fusion.bulk.samples import SampleFiles
from fusion.bulk.sources import Source
from fusion.bulk.work.in_order import in_order
from fusion.bulk.work.outcomes import reasons
from fusion.bulk.work.tools import Tools
from fusion.duplicates.policy import OnDuplicate
from fusion.jobs.kinds import Context
from fusion.jobs.parts import Json, Part, Row
from fusion.jobs.values import Job

NAME = "import"
BATCHES_AT_ONCE = 2
"""Batches of a part that are worked on at once, so that images are extracted while others are stored."""
FIELDS = frozenset({"source", "gallery", "format", "on_duplicate", "validate_only", "skip_unusable"})


class ImportKind:
    """See JobKind. Every line of the source has one result; empty lines are counted.

    A row whose encounter is enrolled with the same content is REPEATED, also if another row of the source enrolled it.

    Args:
        tools: ports and rules.
    """

    name = NAME

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._turns = asyncio.Semaphore(tools.files_at_once)

    def validate(self, spec: Json) -> Json:
        """See JobKind."""
        fields = spec_of(spec)
        known_only(fields, FIELDS)
        record_format = choice(fields, "format", RecordFormat)
        return {
            "source": str(self._tools.folders.to_read(text(fields, "source", is_needed=True), "source")),
            "gallery": gallery(fields),
            "format": str(record_format or ""),
            "on_duplicate": str(choice(fields, "on_duplicate", OnDuplicate) or OnDuplicate.UNCHECKED),
            "validate_only": flag(fields, "validate_only"),
            "skip_unusable": flag(fields, "skip_unusable"),
        }

    async def plan(self, job: Job, after: Part | None) -> AsyncGenerator[Part, None]:
        """See JobKind."""
        async with aclosing(self._source(job).parts(after)) as parts:
            async for part in parts:
                yield part

    async def work(self, part: Part, context: Context) -> AsyncGenerator[Row, None]:
        """See JobKind."""
        source, spec = self._source(context.job), context.job.spec
        policy = Policy(
            spec["gallery"], OnDuplicate(spec["on_duplicate"]), spec["validate_only"], spec["skip_unusable"]
        )
        enroller = Enroller(self._tools, policy, SampleFiles(source.base), context, self._turns)
        work = (Batch(each, self._tools, enroller).rows() for each in batches(await source.lines(part)))
        async with aclosing(in_order(work, BATCHES_AT_ONCE)) as results:
            async for rows in results:
                for row in rows:
                    yield row

    async def finish(self, job: Job) -> Mapping[str, Json]:
        """See JobKind."""
        counts = job.counts
        facts = {
            "lines": f"{job.total}",
            "empty_lines": f"{job.total - counts.rows}",
            "accounted_for": f"{counts.done} done, {counts.refused} refused, {counts.repeated} repeated",
        }
        return {"refused_by_reason": await reasons(self._tools.rows, job), "facts": facts}

    def _source(self, job: Job) -> Source:
        """The source, checked again: the folders may have changed since the job was made."""
        spec = job.spec
        path = self._tools.folders.to_read(spec["source"], "source")
        return Source(Path(path), RecordFormat(spec["format"]) if spec["format"] else None)
