"""Replaces templates of other models by those of the present one, from images that are supplied again."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from datetime import UTC, datetime
from weakref import WeakValueDictionary

from biometrics.errors import EncounterChanged, EncounterNotFound, FieldInvalid
from biometrics.template import Modality
from fusion.bulk.fields import known_only, spec_of, text
from fusion.bulk.row import ManifestRow
from fusion.bulk.samples import SampleFiles
from fusion.bulk.sources import Line, Source
from fusion.bulk.work.in_order import in_order, patiently
from fusion.bulk.work.outcomes import REFUSALS, done, reasons, refused, repeated
from fusion.bulk.work.tools import TIMEOUT_S, Tools
from fusion.jobs.kinds import Context
from fusion.jobs.parts import Json, Part, Row
from fusion.jobs.values import Job
from fusion.samples.probes import Probe
from fusion.use_cases.usable_samples import check_samples
from gallery.subject import Encounter, Reference, Subject
from infra.requests.idempotence import digest_of

NAME = "retemplating"
AT_ONCE = 4
MOST_TURNS = 4
"""How often a row begins anew as others change its encounter meanwhile."""
COUNTED_AT_ONCE = 4096


class RetemplatingKind:
    """See JobKind. A row whose encounter has nothing to be replaced is REPEATED.

    Two rows of one encounter wait for each other within a process. What another writer made of an encounter meanwhile
    is not overwritten: the row is done anew with it, and REFUSED if that happens again and again.

    Args:
        tools: ports and rules.
    """

    name = NAME

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    def validate(self, spec: Json) -> Json:
        """See JobKind."""
        fields = spec_of(spec)
        known_only(fields, frozenset({"source", "from_model_id"}))
        source = self._tools.folders.to_read(text(fields, "source", is_needed=True), "source")
        if not Source(source).is_manifest:
            raise FieldInvalid("source", "a manifest (*.jsonl) is needed.")
        return {"source": str(source), "from_model_id": text(fields, "from_model_id")}

    async def plan(self, job: Job, after: Part | None) -> AsyncGenerator[Part, None]:
        """See JobKind."""
        async with aclosing(self._source(job).parts(after)) as parts:
            async for part in parts:
                yield part

    async def work(self, part: Part, context: Context) -> AsyncGenerator[Row, None]:
        """See JobKind."""
        source = self._source(context.job)
        files = SampleFiles(source.base)
        work = (self._row(each, files, context) for each in await source.lines(part))
        async with aclosing(in_order(work, AT_ONCE)) as rows:
            async for row in rows:
                yield row

    async def finish(self, job: Job) -> Mapping[str, Json]:
        """See JobKind. Reads the model ids of all references that are searched."""
        left: Counter[str] = Counter()
        for modality in Modality:
            async for page in self._tools.store.references(modality, (), COUNTED_AT_ONCE):
                for number, model_id in enumerate(page.model_ids):
                    left[model_id] += int((page.models == number).sum())
        facts = {f"templates of {model_id}": str(count) for model_id, count in sorted(left.items()) if count}
        old = sum(count for model_id, count in left.items() if model_id not in self._present.values())
        facts["templates of other models that are left"] = str(old)
        return {"refused_by_reason": await reasons(self._tools.rows, job), "facts": facts}

    @property
    def _present(self) -> dict[Modality, str]:
        """Id of the present model of each modality."""
        model = self._tools.model
        return {modality: model.model_id(comparator) for modality, comparator in model.comparators.items()}

    def _source(self, job: Job) -> Source:
        return Source(self._tools.folders.to_read(job.spec["source"], "source"))

    async def _row(self, line: Line, files: SampleFiles, context: Context) -> Row:
        name = line.name
        try:
            row = await line.row()
            name = row.subject_id
            if not row.encounter_id:
                raise FieldInvalid("encounter_id", "name the encounter whose templates are replaced.")
            turn = self._turns.setdefault((name, row.encounter_id), asyncio.Lock())
            async with turn:
                return await self._anew(line.number, row, files, context)
        except REFUSALS as error:
            return refused(line.number, name, error)

    async def _anew(self, number: int, row: ManifestRow, files: SampleFiles, context: Context) -> Row:
        """Replace the templates; begin anew if the encounter is changed meanwhile. Raises EncounterChanged."""
        for _ in range(MOST_TURNS - 1):
            with suppress(EncounterChanged):
                return await patiently(lambda: self._replaced(number, row, files, context))
        return await patiently(lambda: self._replaced(number, row, files, context))

    async def _replaced(self, number: int, row: ManifestRow, files: SampleFiles, context: Context) -> Row:
        subject = await self._tools.store.get(row.subject_id)
        encounter = _encounter(subject, row.encounter_id)
        request_id, digest = context.request_id(str(number)), digest_of([b"retemplate", *_named(row)])
        if (await self._tools.store.before(request_id, digest, row.subject_id)).done is not None:
            return done(number, row.subject_id)
        old = [each for each in encounter.references if self._is_old(each, context.job.spec["from_model_id"])]
        if not old:
            return repeated(number, row.subject_id)
        samples, _ = await asyncio.to_thread(files.read, row)
        probes = await check_samples(samples, self._tools.matchers, TIMEOUT_S, self._tools.min_quality)
        new, replaced = _joined(encounter.references, old, probes)
        written = Encounter(encounter.encounter_id, datetime.now(UTC), new, encounter.missing)
        await self._tools.store.replace_encounter(row.subject_id, written, request_id, digest, expected=encounter)
        left = len(old) - replaced
        return done(number, row.subject_id, f"{left} templates of other models are left in it." if left else "")

    def _is_old(self, reference: Reference, from_model_id: str) -> bool:
        model_id = reference.template.model_id
        if model_id == self._present[reference.modality]:
            return False
        return from_model_id in ("", model_id)


def _encounter(subject: Subject, encounter_id: str) -> Encounter:
    """The encounter, ACTIVE or not. Raises EncounterNotFound."""
    for each in subject.encounters:
        if each.encounter_id == encounter_id:
            return each
    raise EncounterNotFound(
        f"Subject {subject.subject_id} has no encounter {encounter_id}.", subject_id=subject.subject_id
    )


def _joined(
    references: Sequence[Reference], old: Sequence[Reference], probes: Sequence[Probe]
) -> tuple[tuple[Reference, ...], int]:
    """The references with the old ones replaced where there is a new one of their position, and how many those are.

    Raises:
        FieldInvalid: no sample is of a position that has an old one.
    """
    places = {(each.modality, each.position) for each in old}
    new = [each for each in probes if (each.modality, each.position) in places and each.template]
    renewed = {(each.modality, each.position) for each in new}
    gone = [each for each in old if (each.modality, each.position) in renewed]
    if not gone:
        raise FieldInvalid("samples", "none is of a position that has a template of another model.")
    made = [
        Reference(each.position, each.template, each.quality_value, each.quality_is_claimed)
        for each in new
        if each.template
    ]
    return (*(each for each in references if each not in gone), *made), len(gone)


def _named(row: ManifestRow) -> tuple[bytes, bytes]:
    return row.subject_id.encode(), row.encounter_id.encode()
