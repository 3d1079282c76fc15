"""Duplicate sweeps as jobs: every subject of a gallery is searched for, and each pair is reported once."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing

from biometrics.errors import FieldInvalid, RecordUnreadable, Unavailable
from biometrics.template import Modality
from fusion.bulk.fields import choice, known_only, number, spec_of, text
from fusion.bulk.sweep.reported import Reported, pair_key
from fusion.bulk.sweep.rows import fitting, pair_row
from fusion.bulk.sweep.search import Alike, Sweep
from fusion.bulk.sweep.threshold import Threshold
from fusion.bulk.work.in_order import in_order, patiently
from fusion.bulk.work.members import members
from fusion.bulk.work.outcomes import REFUSALS, done, reasons, refused, repeated
from fusion.bulk.work.tools import Tools
from fusion.jobs.kinds import Context
from fusion.jobs.parts import ChunkState, Json, Part, Row
from fusion.jobs.values import Job
from fusion.jobs.work.keeper import WINDOW
from gallery.store.tokens import joined
from gallery.store.values import ConsistencyToken
from gallery.subject import DEFAULT_GALLERY, Subject, check_id

NAME = "duplicate-sweep"
PAGE = 100
CHANGES = 50
SEARCHES_AT_ONCE = 32
"""Searches of a part that run at once, so that an index can do them together."""
MOST_PAIRS = 18
"""Most pairs that are reported of one subject."""
MOST_ROWS = 1000
"""Most rows of a part. Of subjects beyond it, which have pairs too, it is reported that they have."""
LEAST, MOST = 0.001, 1_000_000.0
FIELDS = frozenset({"gallery", "expected_false_pairs", "modality"})


class SweepKind:
    """See JobKind.

    A pair is reported by the subject whose id is the lesser; by the other one if only that one's search compares the
    two. When all are searched for, subjects that changed since the beginning are searched for again, one part after
    the other; pairs that were reported before are left out. Each subject has a row, too.

    Args:
        tools: ports and rules.
    """

    name = NAME

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._reported: dict[str, Reported] = {}

    def validate(self, spec: Json) -> Json:
        """See JobKind."""
        fields = spec_of(spec)
        known_only(fields, FIELDS)
        gallery, expected = text(fields, "gallery"), number(fields, "expected_false_pairs")
        if expected is None or not LEAST <= expected <= MOST:
            raise FieldInvalid("expected_false_pairs", f"{LEAST} to {MOST:.0f} is needed.")
        return {
            "gallery": check_id(gallery, "gallery") if gallery else "",
            "expected_false_pairs": expected,
            "modality": str(choice(fields, "modality", Modality) or ""),
        }

    async def plan(self, job: Job, after: Part | None) -> AsyncGenerator[Part, None]:
        """See JobKind."""
        if after is None or "until" not in after.place:
            facts = await self._begin(job) if after is None else {k: after.place[k] for k in ("token", "count")}
            async with aclosing(members(self._tools.store, job.spec["gallery"], after, PAGE, facts)) as parts:
                async for part in parts:
                    yield part
                    after = part
        if after is not None and (more := await self._changed(job, after)):
            yield more
            raise Unavailable("The subjects that changed are searched for again, some at a time.")

    async def work(self, part: Part, context: Context) -> AsyncGenerator[Row, None]:
        """See JobKind."""
        sweep, place = self._sweep(context.job, part), part.place
        known = set(await self._known(context.job)) if "until" in place else None
        subjects = await self._subjects(place["ids"])
        numbered = enumerate(place["ids"], place["first"])
        work = (self._rows(n, each, subjects.get(each), sweep, known) for n, each in numbered)
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
        self._reported.pop(job.name, None)
        return {"refused_by_reason": await reasons(self._tools.rows, job), "facts": {**pairs, **facts}}

    async def _begin(self, job: Job) -> Mapping[str, Json]:
        store, gallery = self._tools.store, job.spec["gallery"] or DEFAULT_GALLERY
        token = await store.position()
        return {"token": token, "count": await store.count(gallery)}

    async def _changed(self, job: Job, after: Part) -> Part | None:
        """The next subjects that changed since the beginning; None if there are no more.

        Raises:
            Unavailable: a part that was planned is not finished yet.
            FeedTruncated: it is not known who changed: so long ago was the beginning.
        """
        chunks = await self._tools.rows.chunks(job, job.settled, WINDOW)
        if any(each.state is ChunkState.OPEN for each in chunks):
            raise Unavailable("All subjects are searched for; then those that changed meanwhile are, again.")
        store, place = self._tools.store, after.place
        until = ConsistencyToken(place.get("until") or await store.position())
        at = ConsistencyToken(place.get("at") or place["token"])
        while not store.reached(at, until) and (changes := await store.changes(at, CHANGES, 0.0)):
            at = joined([at, *(each.token for each in changes)])
            named = await store.subjects_named(list({(each.partition, each.name) for each in changes}))
            ids = sorted(each.subject_id for each in named.values() if place["gallery"] in each.galleries)
            if ids:
                first = place["first"] + after.rows
                return Part({**place, "ids": ids, "first": first, "next": "", "at": at, "until": until}, len(ids))
        return None

    def _sweep(self, job: Job, part: Part) -> Sweep:
        place, spec = part.place, job.spec
        threshold = Threshold(place["count"], spec["expected_false_pairs"])
        modality = Modality(spec["modality"]) if spec["modality"] else None
        token = ConsistencyToken(place.get("until") or place["token"])
        return Sweep(self._tools, place["gallery"], token, threshold.llr, threshold.first_llr, modality)

    async def _known(self, job: Job) -> set[str]:
        return await self._reported.setdefault(job.name, Reported(self._tools.rows, job)).read()

    async def _subjects(self, ids: Sequence[str]) -> Mapping[str, Subject | RecordUnreadable]:
        """Those of the subjects that exist; the error in place of one that cannot be read."""
        store = self._tools.store
        try:
            return await store.get_many(ids)
        except RecordUnreadable:
            found: dict[str, Subject | RecordUnreadable] = {}
            for each in ids:
                try:
                    found |= await store.get_many([each])
                except RecordUnreadable as error:
                    found[each] = error
            return found

    async def _rows(
        self,
        number: int,
        subject_id: str,
        subject: Subject | RecordUnreadable | None,
        sweep: Sweep,
        known: set[str] | None,
    ) -> list[Row]:
        """The rows of a subject: its pairs, and then its own."""
        if isinstance(subject, RecordUnreadable):
            return [refused(number, subject_id, subject)]
        if subject is None or sweep.gallery not in subject.galleries:
            return [repeated(number, subject_id, "It is not in the gallery any more.")]
        if sweep.first_of(subject) is None:
            missing = FieldInvalid("modality", "the subject has no active template of it.")
            return [refused(number, subject_id, missing)]
        try:
            alike = await patiently(lambda: sweep.alike(subject))
            kept = await self._kept(subject, alike, sweep, known)
        except REFUSALS as error:
            return [refused(number, subject_id, error)]
        rows = [pair_row(number, subject_id, each) for each in kept[:MOST_PAIRS]]
        if len(kept) > MOST_PAIRS:
            many = FieldInvalid("expected_false_pairs", f"{len(kept)} pairs were found, {MOST_PAIRS} are reported.")
            return [*rows, refused(number, subject_id, many)]
        return [*rows, done(number, subject_id)]

    async def _kept(
        self, subject: Subject, alike: Sequence[Alike], sweep: Sweep, known: set[str] | None
    ) -> list[Alike]:
        """The pairs that this subject reports; subjects that were removed meanwhile are dropped."""
        if not alike:
            return []
        others = await self._tools.store.get_many([each.subject_id for each in alike])
        kept = []
        for each in alike:
            other = others.get(each.subject_id)
            if other is None or sweep.gallery not in other.galleries:
                continue
            is_other_s = known is None and each.subject_id < subject.subject_id and _compares(sweep, other, subject)
            key = pair_key(subject.subject_id, each.subject_id)
            if not is_other_s and (known is None or key not in known):
                kept.append(each)
            if known is not None:
                known.add(key)  # so that the other one, if it is in this part, does not report it too
        return kept


def _compares(sweep: Sweep, one: Subject, other: Subject) -> bool:
    """Whether the search with `one` compares it with `other`."""
    first = sweep.first_of(one)
    return any(
        mine.modality is first and theirs.modality is first and mine.position.comparable(theirs.position)
        for mine in one.active_references
        for theirs in other.active_references
    )
