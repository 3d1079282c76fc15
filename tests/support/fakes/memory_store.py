"""An in-memory store, the model of the contract that the real stores are tested against."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

from biometrics.errors import (
    AlreadyExists,
    EncounterExists,
    FusionModelNotFound,
    GalleryNotFound,
    PreconditionFailed,
    RequestIdReused,
    SubjectExists,
    SubjectNotFound,
)
from biometrics.template import Modality
from gallery.partitions import partition_of
from gallery.references import ReferencePage
from gallery.store.limits import require_room
from gallery.store.values import (
    Before,
    ChangeKind,
    Enrolment,
    ModelPage,
    Receipt,
    SubjectPage,
    SummaryPage,
)
from gallery.subject import Subject, SubjectSummary
from tests.support.fakes.memory_feed import NAME_KEY
from tests.support.fakes.memory_galleries import head_of
from tests.support.fakes.memory_life import MemoryLife
from tests.support.stores.pages import name_of, page_of


@dataclass
class MemoryStore(MemoryLife):
    """SubjectStore in dicts: the model that the real stores are compared with. Nothing is sealed.

    Set `down` to make it unavailable; `trim` forgets the changes so far; `set_back` loses all writes.
    """

    models: dict[str, str] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()

    async def enroll(self, enrolment: Enrolment) -> Receipt:
        """See SubjectStore."""
        enrolment = replace(enrolment, galleries=await self.resolved(enrolment.galleries))
        await self.check_enrolment(enrolment)
        if done := self._done(enrolment.request_id, enrolment.digest, enrolment.subject_id):
            return replace(done, encounter_id=enrolment.encounter.encounter_id)
        current = self.subjects.get(enrolment.subject_id, Subject(enrolment.subject_id, (), ()))
        self.subjects[enrolment.subject_id] = current.with_encounter(enrolment.encounter, enrolment.galleries)
        self.ever |= set(enrolment.galleries)
        encounter_id = enrolment.encounter.encounter_id
        return await self._log(
            enrolment.request_id, enrolment.digest, enrolment.subject_id, encounter_id, ChangeKind.PUT
        )

    async def enroll_all(self, enrolments: Sequence[Enrolment]) -> list[Receipt | None]:
        """See SubjectStore."""
        return [await self._enrolled_anew(each) for each in enrolments]

    async def check_enrolment(self, enrolment: Enrolment) -> None:
        """See SubjectStore."""
        await self.ping()
        if self._done(enrolment.request_id, enrolment.digest, enrolment.subject_id):
            return
        current = self.subjects.get(enrolment.subject_id)
        if current is None and not enrolment.create_subject:
            raise SubjectNotFound(enrolment.subject_id)
        if current is not None and enrolment.create_subject:
            raise SubjectExists(enrolment.subject_id)
        new = (current or Subject(enrolment.subject_id, (), ())).with_encounter(
            enrolment.encounter, enrolment.galleries
        )
        require_room(head_of(new), head_of(current) if current else None)
        if current and enrolment.encounter.encounter_id in [e.encounter_id for e in current.encounters]:
            raise EncounterExists(enrolment.encounter.encounter_id)

    async def _enrolled_anew(self, enrolment: Enrolment) -> Receipt | None:
        try:
            done = await self.enroll(enrolment) if enrolment.create_subject else None
        except (AlreadyExists, PreconditionFailed, RequestIdReused):
            return None
        return None if done is None or done.replayed else done

    async def delete(self, subject_id: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore."""
        await self.ping()
        if done := self._done(request_id, digest, subject_id):
            return done
        if subject_id not in self.subjects:
            raise SubjectNotFound(subject_id)
        del self.subjects[subject_id]
        return await self._log(request_id, digest, subject_id, "", ChangeKind.DELETE)

    async def before(self, request_id: str, digest: str, subject_id: str) -> Before:
        """See SubjectStore."""
        await self.ping()
        done = self._done(request_id, digest, subject_id)
        return Before(done.token if done else None, subject_id in self.subjects)

    async def get(self, subject_id: str) -> Subject:
        """See SubjectStore."""
        await self.ping()
        if subject_id not in self.subjects:
            raise SubjectNotFound(subject_id)
        return self.subjects[subject_id]

    async def get_many(self, subject_ids: Sequence[str]) -> dict[str, Subject]:
        """See SubjectStore."""
        await self.ping()
        return {subject_id: self.subjects[subject_id] for subject_id in subject_ids if subject_id in self.subjects}

    async def references(
        self, modality: Modality, partitions: Sequence[int], page_size: int
    ) -> AsyncIterator[ReferencePage]:
        """See SubjectStore."""
        await self.ping()
        wanted = partitions or range(self.partitions)
        found = [each for each in self.subjects.values() if partition_of(each.subject_id, self.partitions) in wanted]
        for start in range(0, len(found), page_size):
            yield page_of(*found[start : start + page_size], modality=modality, partition_count=self.partitions)

    async def references_of(self, modality: Modality, names: Sequence[tuple[int, bytes]]) -> ReferencePage:
        """See SubjectStore."""
        await self.ping()
        wanted = {name for _, name in names}
        found = [each for each in self.subjects.values() if name_of(each.subject_id) in wanted]
        return page_of(*found, modality=modality, partition_count=self.partitions)

    async def subjects_named(self, names: Sequence[tuple[int, bytes]]) -> dict[bytes, SubjectSummary]:
        """See SubjectStore."""
        await self.ping()
        wanted = {name for _, name in names}
        of_name = {name_of(each.subject_id): each for each in self.subjects.values()}
        return {n: SubjectSummary(s.subject_id, s.galleries, ()) for n, s in of_name.items() if n in wanted}

    async def name_key(self) -> bytes:
        """See SubjectStore."""
        await self.ping()
        return NAME_KEY

    async def list(self, page_size: int, page_token: str = "", gallery: str = "") -> SubjectPage:
        """See SubjectStore. The page token is the last id."""
        gallery = await self._require(gallery)
        ids = sorted(i for i, s in self.subjects.items() if i > page_token and (not gallery or gallery in s.galleries))
        subjects = tuple(self.subjects[subject_id] for subject_id in ids[:page_size])
        return SubjectPage(subjects, ids[page_size - 1] if len(ids) > page_size else "")

    async def list_summaries(self, page_size: int, page_token: str = "", gallery: str = "") -> SummaryPage:
        """See SubjectStore."""
        page = await self.list(page_size, page_token, gallery)
        return SummaryPage(tuple(subject.summary for subject in page.subjects), page.next_page_token)

    async def count(self, gallery: str = "") -> int:
        """See SubjectStore."""
        gallery = await self._require(gallery)
        return sum(1 for subject in self.subjects.values() if not gallery or gallery in subject.galleries)

    async def put_model(self, model_id: str, text: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore."""
        await self.ping()
        if done := self._done(request_id, digest, model_id, partition=0):
            return done
        self.models[model_id] = text
        return self._keep(request_id, digest, model_id)

    async def delete_model(self, model_id: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore."""
        await self.ping()
        if done := self._done(request_id, digest, model_id, partition=0):
            return done
        if model_id not in self.models:
            raise FusionModelNotFound(model_id)
        del self.models[model_id]
        return self._keep(request_id, digest, model_id)

    async def model(self, model_id: str) -> str:
        """See SubjectStore."""
        await self.ping()
        if model_id not in self.models:
            raise FusionModelNotFound(model_id)
        return self.models[model_id]

    async def list_models(self, page_size: int, page_token: str = "") -> ModelPage:
        """See SubjectStore. The page token is the last id."""
        await self.ping()
        ids = sorted(model_id for model_id in self.models if model_id > page_token)
        return ModelPage(tuple(ids[:page_size]), ids[page_size - 1] if len(ids) > page_size else "")

    async def close_idle(self) -> None:
        """See SubjectStore."""

    async def close(self) -> None:
        """See SubjectStore."""

    async def set_back(self) -> None:
        """Lose all writes and continue with a new history."""
        self.subjects, self.feeds, self.receipts, self.trimmed = {}, {}, {}, {}
        self.epoch += 1
        async with self.written:
            self.written.notify_all()

    async def _require(self, gallery: str) -> str:
        await self.ping()
        gallery = await self.resolve(gallery)
        if gallery not in self.ever:
            raise GalleryNotFound(gallery)
        return gallery
