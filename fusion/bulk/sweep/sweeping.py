"""Duplicate sweeps as jobs: every subject of a gallery is searched for, and each pair is reported once."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace

from biometrics.errors import FieldInvalid, Unavailable
from biometrics.template import Modality
from fusion.bulk.fields import choice, gallery, known_only, number, spec_of
from fusion.bulk.sweep.reported import Reported
from fusion.bulk.sweep.rounds import MOST_ROUNDS, next_changed, searched_until
from fusion.bulk.sweep.rows import fitting
from fusion.bulk.sweep.search import Sweep
from fusion.bulk.sweep.subject_rows import SubjectRows
from fusion.bulk.sweep.threshold import Threshold
from fusion.bulk.work.in_order import in_order
from fusion.bulk.work.members import members
from fusion.bulk.work.outcomes import reasons
from fusion.bulk.work.tools import Tools
from fusion.jobs.kinds import Context
from fusion.jobs.parts import Json, Part, Row
from fusion.jobs.values import Job
from gallery.store.values import ConsistencyToken
from gallery.subject import DEFAULT_GALLERY

NAME = "duplicate-sweep"
PAGE = 100
SEARCHES_AT_ONCE = 32
"""Searches of a part that run at once, so that an index can do them together."""
MOST_ROWS = 1000
"""Most rows of a part. Of subjects beyond it, which have pairs too, it is reported that they have."""
LEAST, MOST = 0.001, 1_000_000.0
FIELDS = frozenset({"gallery", "expected_false_pairs", "modality"})


class SweepKind:
    """See JobKind.

    A pair is reported by the subject whose id is the lesser; by the other one if only that one's search compares the
    two. When all are searched for, subjects that changed since the beginning are searched for again, one part after
    the other, in rounds (rounds.py); pairs that were reported before are left out. Each subject has a row, too.

    Args:
        tools: ports and rules.
    """

    name = NAME

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._reported: dict[str, Reported] = {}
        self._begins: dict[str, ConsistencyToken] = {}

    def validate(self, spec: Json) -> Json:
        """See JobKind."""
        fields = spec_of(spec)
        known_only(fields, FIELDS)
        expected = number(fields, "expected_false_pairs")
        if expected is None or not LEAST <= expected <= MOST:
            raise FieldInvalid("expected_false_pairs", f"{LEAST} to {MOST:.0f} is needed.")
        return {
            "gallery": gallery(fields),
            "expected_false_pairs": expected,
            "modality": str(choice(fields, "modality", Modality) or ""),
        }

    async def plan(self, job: Job, after: Part | None) -> AsyncGenerator[Part, None]:
        """See JobKind."""
        if after is None or "until" not in after.place:
            begun = await self._begin(job) if after is None else {}
            facts = {"count": begun["count"] if after is None else after.place["count"]}
            async with aclosing(members(self._tools.store, job.spec["gallery"], after, PAGE, facts)) as parts:
                async for part in parts:
                    after = part if after else replace(part, place={**part.place, **begun})
                    yield after
        if after is not None and (more := await next_changed(self._tools, job, after, await self._begun(job))):
            yield more
            raise Unavailable("The subjects that changed are searched for again, some at a time.")

    async def work(self, part: Part, context: Context) -> AsyncGenerator[Row, None]:
        """See JobKind."""
        sweep, place = await self._sweep(context.job, part), part.place
        known = set(await self._known(context.job)) if "until" in place else None
        rows_of = SubjectRows(self._tools.store, sweep, known)
        subjects = await rows_of.subjects(place["ids"])
        numbered = enumerate(place["ids"], place["first"])
        work = (rows_of.rows(n, each, subjects.get(each)) for n, each in numbered)
        async with aclosing(in_order(work, SEARCHES_AT_ONCE)) as found:
            room = MOST_ROWS - len(place["ids"])
            async for rows in found:
                own, room = fitting(rows, room)
                for row in own:
                    yield row

    async def finish(self, job: Job) -> Mapping[str, Json]:
        """See JobKind."""
        first = await self._tools.rows.chunk(job, 0)
        count = first.part.place["count"] if first else 0
        facts = Threshold(count, job.spec["expected_false_pairs"]).facts(self._tools.model)
        pairs = {"subjects": str(count), "pairs reported": str(len(await self._known(job)))}
        changes = await self._changes(job)
        self._reported.pop(job.name, None)
        self._begins.pop(job.name, None)
        return {"refused_by_reason": await reasons(self._tools.rows, job), "facts": {**pairs, **facts, **changes}}

    async def _begin(self, job: Job) -> Mapping[str, Json]:
        store = self._tools.store
        token = await store.position()
        return {"token": token, "count": await store.count(job.spec["gallery"] or DEFAULT_GALLERY)}

    async def _begun(self, job: Job) -> ConsistencyToken:
        """Where the store was when the job began. Only the first part has it, as it grows with the partitions."""
        if job.name not in self._begins:
            first = await self._tools.rows.chunk(job, 0)
            if first is None:
                raise Unavailable("The first part of this sweep is not planned yet.")
            self._begins[job.name] = ConsistencyToken(first.part.place["token"])
        return self._begins[job.name]

    async def _changes(self, job: Job) -> Mapping[str, str]:
        """Up to where changes were searched for; nothing of a gallery that was empty from the beginning."""
        last = await self._tools.rows.chunk(job, job.settled - 1) if job.settled else None
        if last is None:
            return {}
        place = last.part.place
        number = place.get("round", 0)
        rounds = f"{number}, the most that are made" if number == MOST_ROUNDS else str(number)
        return {"rounds of changes": rounds, "changes searched until": searched_until(place, await self._begun(job))}

    async def _sweep(self, job: Job, part: Part) -> Sweep:
        place, spec = part.place, job.spec
        threshold = Threshold(place["count"], spec["expected_false_pairs"])
        modality = Modality(spec["modality"]) if spec["modality"] else None
        seen = searched_until(place, await self._begun(job))
        return Sweep(self._tools, place["gallery"], seen, threshold.llr, threshold.first_llr, modality)

    async def _known(self, job: Job) -> set[str]:
        return await self._reported.setdefault(job.name, Reported(self._tools.rows, job)).read()
