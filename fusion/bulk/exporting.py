"""Exports: the records of a gallery's subjects, or sealed packages of them, into a folder."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path

from biometrics.errors import FieldInvalid, StoreUnavailable
from formats.contents import RecordFormat
from fusion.bulk.fields import choice, gallery, known_only, spec_of, text
from fusion.bulk.work.in_order import in_order, patiently
from fusion.bulk.work.members import members
from fusion.bulk.work.outcomes import REFUSALS, done, reasons, refused
from fusion.bulk.work.tools import Tools
from fusion.bulk.writers import package, records, sync_folder, write_file
from fusion.jobs.kinds import Context
from fusion.jobs.parts import Json, Part, Row
from fusion.jobs.values import Job
from fusion.packages import public_key
from fusion.use_cases.export import check_written

NAME = "export"
PAGE = 100
AT_ONCE = 8
MARK = ".export.json"
"""Says which job writes into a folder, so that its repetition may go on and no other job writes there."""
FIELDS = frozenset({"gallery", "destination", "format", "recipient_public_key"})


class ExportKind:
    """See JobKind. A subject's files are written anew if its part is done again: they are the same, or newer.

    Args:
        tools: ports and rules.
    """

    name = NAME

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def validate(self, spec: Json) -> Json:
        """See JobKind."""
        fields = spec_of(spec)
        known_only(fields, FIELDS)
        record_format = choice(fields, "format", RecordFormat)
        recipient = text(fields, "recipient_public_key", is_needed=record_format is None)
        if record_format is None:
            public_key(recipient)
        else:
            check_written(record_format)
        return {
            "gallery": gallery(fields),
            "destination": str(self._destination(text(fields, "destination", is_needed=True))),
            "format": str(record_format or ""),
            "recipient_public_key": recipient,
        }

    async def plan(self, job: Job, after: Part | None) -> AsyncGenerator[Part, None]:
        """See JobKind."""
        if after is None:
            await asyncio.to_thread(_prepared, self._destination(job.spec["destination"]), job.name)
        async with aclosing(members(self._tools.store, job.spec["gallery"], after, PAGE, {})) as parts:
            async for part in parts:
                yield part

    async def work(self, part: Part, context: Context) -> AsyncGenerator[Row, None]:
        """See JobKind."""
        folder = self._tools.folders.to_read(context.job.spec["destination"], "destination")
        numbered = enumerate(part.place["ids"], part.place["first"])
        work = (self._row(number, each, folder, context.job) for number, each in numbered)
        async with aclosing(in_order(work, AT_ONCE)) as rows:
            async for row in rows:
                yield row

    async def finish(self, job: Job) -> Mapping[str, Json]:
        """See JobKind."""
        folder = self._tools.folders.to_read(job.spec["destination"], "destination")
        await asyncio.to_thread(sync_folder, folder)
        return {"refused_by_reason": await reasons(self._tools.rows, job), "facts": {}}

    async def _row(self, number: int, subject_id: str, folder: Path, job: Job) -> Row:
        try:
            subject = await patiently(lambda: self._tools.store.get(subject_id))
            if job.spec["format"]:
                wanted = RecordFormat(job.spec["format"])
                files = await patiently(lambda: records(subject, wanted, self._tools.matchers))
            else:
                files = [await asyncio.to_thread(package, subject, job.spec["recipient_public_key"])]
        except REFUSALS as error:
            return refused(number, subject_id, error)
        for name, data in files:
            await asyncio.to_thread(_written, folder / name, data)
        if job.spec["format"]:
            await asyncio.to_thread(sync_folder, folder / subject_id)
        return done(number, subject_id)

    def _destination(self, path: str) -> Path:
        """A folder that is new, or empty, or has a mark: then `plan` finds out whose."""
        try:
            return self._tools.folders.to_write(path, "destination")
        except FieldInvalid:
            found = self._tools.folders.to_read(path, "destination")
            if found.is_dir() and ((found / MARK).exists() or not any(found.iterdir())):
                return found
            raise FieldInvalid("destination", "name a new or an empty folder.") from None


def _prepared(folder: Path, job: str) -> None:
    """Make the folder, and mark it as this job's.

    Raises:
        FieldInvalid: another job writes, or wrote, into it.
    """
    mark = folder / MARK
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if not mark.exists():
            write_file(mark, json.dumps({"job": job}).encode())
        if json.loads(mark.read_bytes()).get("job") != job:
            raise FieldInvalid("destination", "another export writes into this folder. Name a new one.")
    except (OSError, ValueError, AttributeError):
        raise FieldInvalid("destination", "the folder cannot be used.") from None


def _written(path: Path, data: bytes) -> None:
    try:
        write_file(path, data)
    except OSError as error:
        raise StoreUnavailable(f"A file of the export cannot be written: {error.strerror}.") from None
