"""Plain classes that implement ports, in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Scores
from biometrics.errors import (
    EncounterExists,
    FeedSetBack,
    FeedTruncated,
    FieldInvalid,
    FusionModelNotFound,
    GalleryNotFound,
    RequestIdReused,
    StoreSetBack,
    StoreUnavailable,
    SubjectExists,
    SubjectNotFound,
    TemplateMalformed,
)
from biometrics.template import Modality, Template
from gallery.store.keyed_names import SIZE, subject_name
from gallery.store.port import (
    START,
    Before,
    Change,
    ChangeKind,
    ConsistencyToken,
    Enrolment,
    ModelPage,
    Receipt,
    SubjectPage,
    SummaryPage,
)
from gallery.subject import DEFAULT_GALLERY, Subject
from tests.support.builders import MODEL_ID

VectorStack = NDArray[np.float32]


@dataclass
class VectorComparator:
    """Comparator of float32 vectors of 4 values: the score is their dot product."""

    modality: Modality = Modality.FINGERPRINT
    comparator_id: str = "dot-1"
    model_id: str = MODEL_ID
    stacked_count: int = 0

    def stack(self, templates: Sequence[Template]) -> VectorStack:
        """Shape (templates, 4)."""
        for template in templates:
            template.require(self.modality, self.model_id)
            if len(template.data) != 16:
                raise TemplateMalformed("16 bytes are needed.")
        self.stacked_count += len(templates)
        return np.frombuffer(b"".join(t.data for t in templates), np.float32).reshape(-1, 4)

    def compare(self, probes: VectorStack, references: VectorStack) -> Scores:
        """Shape (probes, references)."""
        return probes @ references.T

    def compare_templates(self, probe: Template, references: Sequence[Template]) -> Scores:
        """Shape (references,)."""
        return self.compare(self.stack([probe]), self.stack(references))[0]


@dataclass
class ScreeningVectorComparator(VectorComparator):
    """ScreeningComparator of the same vectors: the first value alone is the estimate, a tenth is compared in full."""

    screened_share: float = 0.1
    compared_count: int = 0

    def screen(self, probes: VectorStack, references: VectorStack) -> Scores:
        """Shape (probes, references)."""
        return probes[:, :1] @ references[:, :1].T

    def screening_error(self, probes: VectorStack, references: VectorStack) -> float:
        """The order of the first values is all that screening means."""
        return 0.0

    def compare_pairs(
        self,
        probes: VectorStack,
        references: VectorStack,
        probe_rows: NDArray[np.int64],
        reference_rows: NDArray[np.int64],
    ) -> Scores:
        """Shape (pairs,)."""
        self.compared_count += len(probe_rows)
        return np.asarray((probes[probe_rows] * references[reference_rows]).sum(axis=1), np.float32)


@dataclass
class MemoryStore:
    """SubjectStore in dicts: the model that the real stores are compared with. Tokens are `memory.HISTORY.N`.

    Set `down` to make it unavailable; `trim` forgets the changes so far; `set_back` loses all that was written.
    """

    down: bool = False
    subjects: dict[str, Subject] = field(default_factory=dict)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)
    feed: list[Change] = field(default_factory=list)
    galleries: set[str] = field(default_factory=lambda: {"", DEFAULT_GALLERY})
    trimmed: int = 0
    history: int = 0
    written: asyncio.Condition = field(default_factory=asyncio.Condition)
    doubts: tuple[str, ...] = ()

    async def enroll(self, enrolment: Enrolment) -> Receipt:
        """See SubjectStore."""
        await self.ping()
        if enrolment.request_id in self.receipts:
            again = self._replay(enrolment.request_id, enrolment.digest, enrolment.subject_id)
            return replace(again, encounter_id=enrolment.encounter.encounter_id)
        current = self.subjects.get(enrolment.subject_id)
        if current is None and not enrolment.create_subject:
            raise SubjectNotFound(enrolment.subject_id)
        if current is not None and enrolment.create_subject:
            raise SubjectExists(enrolment.subject_id)
        current = current or Subject(enrolment.subject_id, (), ())
        if enrolment.encounter.encounter_id in [e.encounter_id for e in current.encounters]:
            raise EncounterExists(enrolment.encounter.encounter_id)
        self.subjects[enrolment.subject_id] = current.with_encounter(enrolment.encounter, enrolment.galleries)
        self.galleries |= set(enrolment.galleries)
        encounter_id = enrolment.encounter.encounter_id
        return await self._log(
            enrolment.request_id, enrolment.digest, enrolment.subject_id, encounter_id, ChangeKind.PUT
        )

    async def delete(self, subject_id: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore."""
        await self.ping()
        if request_id in self.receipts:
            return self._replay(request_id, digest, subject_id)
        if subject_id not in self.subjects:
            raise SubjectNotFound(subject_id)
        del self.subjects[subject_id]
        return await self._log(request_id, digest, subject_id, "", ChangeKind.DELETE)

    async def before(self, request_id: str, digest: str, subject_id: str) -> Before:
        """See SubjectStore."""
        await self.ping()
        done = self._replay(request_id, digest, subject_id).token if request_id in self.receipts else None
        return Before(done, subject_id in self.subjects)

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

    async def get_named(self, names: Sequence[bytes]) -> dict[bytes, Subject]:
        """See SubjectStore."""
        await self.ping()
        named = {subject_name(NAME_KEY, subject_id): subject for subject_id, subject in self.subjects.items()}
        return {name: named[name] for name in names if name in named}

    async def name_key(self) -> bytes:
        """See SubjectStore."""
        await self.ping()
        return NAME_KEY

    async def list(self, page_size: int, page_token: str = "", gallery: str = "") -> SubjectPage:
        """See SubjectStore. The page token is the last id."""
        await self._require(gallery)
        ids = sorted(i for i, s in self.subjects.items() if i > page_token and (not gallery or gallery in s.galleries))
        subjects = tuple(self.subjects[subject_id] for subject_id in ids[:page_size])
        return SubjectPage(subjects, ids[page_size - 1] if len(ids) > page_size else "")

    async def list_summaries(self, page_size: int, page_token: str = "", gallery: str = "") -> SummaryPage:
        """See SubjectStore."""
        page = await self.list(page_size, page_token, gallery)
        return SummaryPage(tuple(subject.summary for subject in page.subjects), page.next_page_token)

    async def count(self, gallery: str = "") -> int:
        """See SubjectStore."""
        await self._require(gallery)
        return sum(1 for subject in self.subjects.values() if not gallery or gallery in subject.galleries)

    async def put_model(self, model_id: str, text: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore."""
        await self.ping()
        if request_id in self.receipts:
            return self._replay(request_id, digest, model_id)
        self.models[model_id] = text
        return self._keep(request_id, digest, model_id)

    async def delete_model(self, model_id: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore."""
        await self.ping()
        if request_id in self.receipts:
            return self._replay(request_id, digest, model_id)
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

    async def position(self) -> ConsistencyToken:
        """See SubjectStore."""
        await self.ping()
        return self._token(len(self.feed))

    async def origin(self) -> ConsistencyToken:
        """See SubjectStore."""
        await self.ping()
        return self._token(0)

    async def changes(self, after: ConsistencyToken, limit: int, wait_s: float) -> Sequence[Change]:
        """See SubjectStore."""
        await self.ping()
        if after != START and self._is_lost(after):
            raise FeedSetBack("Read all again.")
        if _number(after) < self.trimmed:
            raise FeedTruncated("Read all again.")
        async with self.written:
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self.written.wait_for(lambda: self._is_lost(after) or len(self.feed) > _number(after))
        await self.ping()
        if after != START and self._is_lost(after):
            raise FeedSetBack("Read all again.")
        return self.feed[_number(after) :][:limit]

    async def check(self, *tokens: ConsistencyToken) -> None:
        """See SubjectStore."""
        await self.ping()
        if any(token != START and self._is_lost(token) for token in tokens):
            raise StoreSetBack("Lost.")

    def reached(self, applied: ConsistencyToken, wanted: ConsistencyToken) -> bool:
        """See SubjectStore."""
        return _number(applied) >= _number(wanted)

    async def ping(self) -> None:
        """See SubjectStore."""
        if self.down:
            raise StoreUnavailable("The store is down.")

    async def let_go(self) -> None:
        """See SubjectStore."""

    async def close(self) -> None:
        """See SubjectStore."""

    async def set_back(self) -> None:
        """Lose everything, and go on with other histories' numbers."""
        self.subjects, self.feed, self.receipts = {}, [], {}
        self.history += 1
        async with self.written:
            self.written.notify_all()

    def trim(self) -> None:
        """Forget all changes made so far."""
        self.trimmed = len(self.feed)

    def _replay(self, request_id: str, digest: str, subject_id: str) -> Receipt:
        if self.receipts[request_id].digest != digest:
            raise RequestIdReused(request_id)
        return replace(self.receipts[request_id], subject_id=subject_id, encounter_id="")

    def _keep(self, request_id: str, digest: str, model_id: str) -> Receipt:
        receipt = Receipt(request_id, digest, model_id, "", self._token(len(self.feed)))
        self.receipts[request_id] = replace(receipt, replayed=True)
        return receipt

    async def _log(self, request_id: str, digest: str, subject_id: str, encounter_id: str, kind: ChangeKind) -> Receipt:
        receipt = Receipt(request_id, digest, subject_id, encounter_id, self._token(len(self.feed) + 1))
        self.receipts[request_id] = replace(receipt, replayed=True)
        async with self.written:
            self.feed.append(Change(receipt.token, kind, subject_name(NAME_KEY, subject_id)))
            self.written.notify_all()
        return receipt

    async def _require(self, gallery: str) -> None:
        await self.ping()
        if gallery not in self.galleries:
            raise GalleryNotFound(gallery)

    def _is_lost(self, token: ConsistencyToken) -> bool:
        return token.split(".")[1:2] != [str(self.history)] or _number(token) > len(self.feed)

    def _token(self, number: int) -> ConsistencyToken:
        return ConsistencyToken(f"memory.{self.history}.{number}")


NAME_KEY = bytes(SIZE)


def _number(token: ConsistencyToken) -> int:
    if token == START:
        return 0
    if not token.startswith("memory."):
        raise FieldInvalid("consistency_token", "This is no token of this store.")
    return int(token.split(".")[2])
