"""Enrols one row of an import: a new subject, or one more encounter of one that exists."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from biometrics.errors import BiofusionError, EncounterExists, SubjectExists, SubjectNotFound
from biometrics.sample import Sample
from biometrics.template import Template
from fusion.bulk.checking import Rows
from fusion.bulk.row import ManifestRow
from fusion.bulk.samples import SampleFiles
from fusion.bulk.sources import Line
from fusion.bulk.work.in_order import patiently
from fusion.bulk.work.outcomes import REFUSALS, done, named_by, refused, repeated
from fusion.bulk.work.tools import TIMEOUT_S, Tools
from fusion.duplicates.policy import OnDuplicate
from fusion.jobs.kinds import Context
from fusion.jobs.parts import Row
from fusion.use_cases.enroll import check_samples, enroll, try_out
from fusion.use_cases.enrolment_request import EnrolmentRequest
from fusion.use_cases.enrolment_result import EnrolmentResult, Trial
from gallery.subject import DEFAULT_GALLERY, EncounterState, Missing, Subject

MOST_TURNS = 4
"""How often a row begins anew as others create or delete its subject meanwhile."""

Did = EnrolmentResult | Trial


@dataclass(frozen=True, slots=True)
class Policy:
    """How rows are enrolled.

    Args:
        gallery: of rows that name none.
        on_duplicate: whether others who may be the same person are searched for.
        validate_only: whether all is done but the write.
        skip_unusable: whether samples that cannot be used are left out.
    """

    gallery: str
    on_duplicate: OnDuplicate
    validate_only: bool
    skip_unusable: bool


class Enroller:
    """Enrols the rows of a part.

    Args:
        tools: ports and rules.
        policy: how.
        files: beside the source.
        context: of the chunk; gives the request ids.
        images: how many rows with files are worked on at once.
    """

    def __init__(self, tools: Tools, policy: Policy, files: SampleFiles, context: Context, images: int) -> None:
        self._tools, self._policy, self._files, self._context = tools, policy, files, context
        self._turns = asyncio.Semaphore(images)

    async def row(self, line: Line, rows: Rows, place: int) -> Row:
        """Enrol the row in this place of the part, and say what became of it.

        Raises:
            BiofusionError: the services or the store do not answer, or cannot be used.
        """
        name = line.name
        try:
            parsed = await rows.parsed(place)
            if parsed.row is None:
                assert parsed.error is not None
                return refused(line.number, name, parsed.error)
            name = parsed.row.subject_id
            if all(each.template for each in parsed.row.samples):
                return await self._enrolled(line.number, parsed.row, parsed.is_checked)
            async with self._turns:
                return await self._enrolled(line.number, parsed.row, is_checked=False)
        except REFUSALS as error:
            return refused(line.number, name, error)

    async def _enrolled(self, number: int, row: ManifestRow, is_checked: bool) -> Row:  # noqa: FBT001 - private
        request = await self._request(number, row)
        error: BiofusionError | None = None
        for _ in range(MOST_TURNS):
            try:
                return _told(number, row.subject_id, await self._one(request, is_checked))
            except SubjectExists:
                more = replace(request, request_id=self._request_id(number, "add"), add_encounter=True)
            try:
                known = await patiently(lambda: self._known(number, more, row))  # noqa: B023 - called at once
                return known or _told(number, row.subject_id, await self._one(more, is_checked))
            except (EncounterExists, SubjectNotFound) as caught:  # written or deleted in this moment
                error = caught
        assert error is not None
        raise error

    async def _request(self, number: int, row: ManifestRow) -> EnrolmentRequest:
        if all(each.template for each in row.samples):
            samples, missing, own_id = self._read(row)
        else:
            samples, missing, own_id = await asyncio.to_thread(self._read, row)
        policy = self._policy
        return EnrolmentRequest(
            request_id=self._request_id(number, "create"),
            subject_id=row.subject_id,
            galleries=row.galleries or (policy.gallery or DEFAULT_GALLERY,),
            encounter_id=own_id,
            samples=samples,
            missing=missing,
            add_encounter=False,
            on_duplicate=policy.on_duplicate,
            expire_time=row.expire_time,
            skip_unusable=policy.skip_unusable,
        )

    def _read(self, row: ManifestRow) -> tuple[tuple[Sample, ...], tuple[Missing, ...], str]:
        """Samples, missing positions, and the id of the encounter. Reads files and computes: run it in a thread."""
        samples, missing = self._files.read(row)
        return samples, missing, row.encounter_id or content_id(row.subject_id, samples)

    def _request_id(self, number: int, what: str) -> str:
        return self._context.request_id(f"{number}\n{what}")

    async def _one(self, request: EnrolmentRequest, is_checked: bool) -> Did:  # noqa: FBT001 - private
        tools = self._tools
        parts = tools.matchers, tools.store, TIMEOUT_S, tools.min_quality, tools.guard
        if self._policy.validate_only:
            return await patiently(lambda: try_out(request, *parts))
        return await patiently(lambda: enroll(request, *parts, is_checked=is_checked and not request.is_checked))

    async def _known(self, number: int, request: EnrolmentRequest, row: ManifestRow) -> Row | None:
        """The result of a row whose encounter is enrolled already; None if it is not.

        Raises:
            EncounterExists: an encounter of this id has other content, or is not in all galleries of the row.
        """
        store = self._tools.store
        subject = (await store.get_many([request.subject_id])).get(request.subject_id)
        if subject is None or request.encounter_id not in {each.encounter_id for each in subject.encounters}:
            return None
        if (await store.before(request.request_id, request.digest, request.subject_id)).done is not None:
            return done(number, request.subject_id)  # this job wrote it, and was killed before it could say so
        galleries = {await store.resolve(each) for each in request.galleries}
        if galleries <= set(subject.galleries) and (not row.encounter_id or await self._is_same(request, subject)):
            return repeated(number, request.subject_id)
        raise EncounterExists(
            f"Subject {request.subject_id} has an encounter {request.encounter_id} of other content, or is not in all "
            "galleries of the row.",
            subject_id=request.subject_id,
        )

    async def _is_same(self, request: EnrolmentRequest, subject: Subject) -> bool:
        """Whether the encounter has the templates of the row."""
        tools = self._tools
        probes = await check_samples(request.samples, tools.matchers, TIMEOUT_S, tools.min_quality)
        (encounter,) = [each for each in subject.encounters if each.encounter_id == request.encounter_id]
        own = Counter((each.position, each.template) for each in probes)
        return own == Counter((each.position, each.template) for each in encounter.references)


def content_id(subject_id: str, samples: Sequence[Sample]) -> str:
    """The id of an encounter that has none: made of subject and samples, so that the same row finds it again."""
    digest = sha256(subject_id.encode())
    for each in samples:
        model = each.source.model_id if isinstance(each.source, Template) else ""
        head = f"\n{each.modality}/{each.position}/{model}/{len(each.source.data)}\n"
        digest.update(head.encode() + each.source.data)
    return f"import-{digest.hexdigest()[:40]}"


def _told(number: int, subject_id: str, did: Did) -> Row:
    held = "Held for review: others may be the same person." if did.state is EncounterState.INACTIVE else ""
    return done(number, subject_id, held, named_by(did.checks))
