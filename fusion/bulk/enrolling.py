"""Enrols one row of an import: a new subject, or one more encounter of one that exists."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TypeVar

from biometrics.errors import BiofusionError, EncounterExists, SubjectExists, SubjectNotFound
from biometrics.sample import Sample
from biometrics.template import Template
from fusion.bulk.checking import Parsed
from fusion.bulk.row import ManifestRow
from fusion.bulk.samples import SampleFiles
from fusion.bulk.work.in_order import patiently
from fusion.bulk.work.outcomes import REFUSALS, done, named_by, refused, repeated
from fusion.bulk.work.tools import TIMEOUT_S, Tools
from fusion.duplicates.policy import OnDuplicate
from fusion.jobs.kinds import Context
from fusion.jobs.parts import Row
from fusion.use_cases.enroll import enroll, prepared, try_out
from fusion.use_cases.enrolment_request import EnrolmentRequest
from fusion.use_cases.enrolment_result import EnrolmentResult, Trial
from fusion.use_cases.usable_samples import check_samples
from gallery.store.values import Enrolment
from gallery.subject import DEFAULT_GALLERY, EncounterState, Subject

MOST_TURNS = 4
"""How often a row begins anew as others create or delete its subject meanwhile."""

Did = EnrolmentResult | Trial
T = TypeVar("T")


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

    @property
    def is_alone(self) -> bool:
        """Whether each row is enrolled, or tried, by itself: what it becomes depends on more than the row."""
        return self.validate_only or self.on_duplicate is not OnDuplicate.UNCHECKED


class Enroller:
    """Enrols the rows of a part.

    Args:
        tools: ports and rules.
        policy: how.
        files: beside the source.
        context: of the chunk; gives the request ids.
        turns: of rows with samples in files. All parts in hand share them: as the first to ask is served first, the
            parts do not end at the same moment, and services have work while one is finished and the next begun.
    """

    def __init__(
        self, tools: Tools, policy: Policy, files: SampleFiles, context: Context, turns: asyncio.Semaphore
    ) -> None:
        self._tools, self._policy, self._files, self._context = tools, policy, files, context
        self._turns = turns

    @property
    def is_alone(self) -> bool:
        """See Policy."""
        return self._policy.is_alone

    async def row(self, each: Parsed) -> Row:
        """Enrol a row, and say what became of it.

        Raises:
            BiofusionError: the services or the store do not answer, or cannot be used.
        """
        return await self._attempted(each, self._enrolled)

    async def begun(self, each: Parsed) -> Enrolment | Row:
        """What is to be stored of a row whose subject is new, without its images; or its refusal. Raises as `row`."""
        return await self._attempted(each, self._prepared)

    async def _attempted(self, each: Parsed, work: Callable[[Parsed, ManifestRow], Awaitable[T]]) -> T | Row:
        try:
            if not each.has_files:
                return await work(each, each.good)
            async with self._turns:
                return await work(each, each.good)
        except REFUSALS as error:
            return refused(each.number, each.name, error)

    async def _prepared(self, each: Parsed, row: ManifestRow) -> Enrolment:
        request, digest = await self._request(each.number, row)
        parts = request, digest, self._tools.matchers, TIMEOUT_S, self._tools.min_quality
        return await patiently(lambda: prepared(*parts, is_checked=each.is_checked))

    async def _enrolled(self, each: Parsed, row: ManifestRow) -> Row:
        number, is_checked = each.number, each.is_checked
        request, _ = await self._request(number, row)
        error: BiofusionError | None = None
        for _ in range(MOST_TURNS):
            try:
                return _told(number, row, await self._one(request, is_checked))
            except SubjectExists:
                more = replace(request, request_id=self._request_id(number, "add"), add_encounter=True)
            try:
                known = await patiently(lambda: self._known(number, more, row))  # noqa: B023 - called at once
                return known or _told(number, row, await self._one(more, is_checked))
            except (EncounterExists, SubjectNotFound) as caught:  # written or deleted in this moment
                error = caught
        assert error is not None
        raise error

    async def _request(self, number: int, row: ManifestRow) -> tuple[EnrolmentRequest, str]:
        """The request of a row, and its digest. Files are read, and their bytes hashed, in a thread."""
        return self._made(number, row) if row.templates else await asyncio.to_thread(self._made, number, row)

    def _made(self, number: int, row: ManifestRow) -> tuple[EnrolmentRequest, str]:
        samples, missing = self._files.read(row)
        policy = self._policy
        request = EnrolmentRequest(
            request_id=self._request_id(number, "create"),
            subject_id=row.subject_id,
            galleries=row.galleries or (policy.gallery or DEFAULT_GALLERY,),
            encounter_id=row.encounter_id or content_id(row.subject_id, samples),
            samples=samples,
            missing=missing,
            add_encounter=False,
            on_duplicate=policy.on_duplicate,
            expire_time=row.expire_time,
            skip_unusable=policy.skip_unusable,
            state=row.state,
        )
        return request, request.digest

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


def _told(number: int, row: ManifestRow, did: Did) -> Row:
    is_held = did.state is EncounterState.INACTIVE and row.state is EncounterState.ACTIVE
    held = "Held for review: others may be the same person." if is_held else ""
    return done(number, row.subject_id, held, named_by(did.checks))
