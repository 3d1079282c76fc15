"""Expiry: deletes the encounters whose time has passed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import UTC, datetime

from biometrics.errors import EncounterNotFound, FieldInvalid, SubjectNotFound
from fusion.bulk.fields import known_only, spec_of, text, time
from fusion.bulk.work.in_order import in_order, patiently
from fusion.bulk.work.outcomes import REFUSALS, done, reasons, refused, repeated
from fusion.bulk.work.tools import Tools
from fusion.jobs.kinds import Context
from fusion.jobs.parts import Json, Part, Row
from fusion.jobs.values import Job
from gallery.store.life.values import Expiring
from infra.requests.idempotence import digest_of

NAME = "expiry"
PAGE = 48
"""Encounters of a part: their ids and times have at most 16 KiB."""
AT_ONCE = 16


class ExpiryKind:
    """See JobKind. An encounter that somebody deleted meanwhile is REPEATED.

    Args:
        tools: ports and rules.
    """

    name = NAME

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def validate(self, spec: Json) -> Json:
        """See JobKind. "" stands for the time at which the job was made."""
        fields = spec_of(spec)
        known_only(fields, frozenset({"before"}))
        before = time(fields, "before")
        if before and before > datetime.now(UTC):
            raise FieldInvalid("before", "it is later than now. Nothing is deleted before its time.")
        return {"before": text(fields, "before")}

    async def plan(self, job: Job, after: Part | None) -> AsyncGenerator[Part, None]:
        """See JobKind."""
        first, last = (after.place["first"] + after.rows, _expiring(after.place["of"][-1])) if after else (1, None)
        while found := await self._tools.store.expired(_before(job), PAGE, last):
            of = [[each.expire_time.isoformat(), each.subject_id, each.encounter_id] for each in found]
            yield Part({"of": of, "first": first}, len(found))
            first, last = first + len(found), found[-1]

    async def work(self, part: Part, context: Context) -> AsyncGenerator[Row, None]:
        """See JobKind."""
        numbered = enumerate(map(_expiring, part.place["of"]), part.place["first"])
        work = (self._row(number, each, context) for number, each in numbered)
        async with aclosing(in_order(work, AT_ONCE)) as rows:
            async for row in rows:
                yield row

    async def finish(self, job: Job) -> Mapping[str, Json]:
        """See JobKind."""
        facts = {"before": _before(job).isoformat()}
        return {"refused_by_reason": await reasons(self._tools.rows, job), "facts": facts}

    async def _row(self, number: int, each: Expiring, context: Context) -> Row:
        names = each.subject_id, each.encounter_id
        request_id = context.request_id("\n".join(names))
        digest = digest_of([b"expire", *(name.encode() for name in names)])
        delete, before = self._tools.store.delete_encounter, _before(context.job)
        try:
            await patiently(lambda: delete(*names, request_id, digest, expired_before=before))
        except (SubjectNotFound, EncounterNotFound):
            return repeated(number, each.subject_id, "It was deleted before.")
        except REFUSALS as error:
            return refused(number, each.subject_id, error)
        return done(number, each.subject_id)


def _before(job: Job) -> datetime:
    stated = job.spec["before"]
    return datetime.fromisoformat(stated).astimezone(UTC) if stated else datetime.fromtimestamp(job.create_time, UTC)


def _expiring(kept: list[str]) -> Expiring:
    return Expiring(datetime.fromisoformat(kept[0]), kept[1], kept[2])
