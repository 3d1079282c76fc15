"""Enrolments with a duplicate check through two store objects, as two processes have, over every kind of store."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from biometrics.errors import DuplicateFound
from biometrics.quality import Quality
from biometrics.sample import EncodedImage, Sample
from biometrics.template import Modality, Position, Template
from fusion.duplicates.guard import DuplicateGuard
from fusion.duplicates.policy import OnDuplicate
from fusion.matching.matchers import Extracted, Found, Hit
from fusion.use_cases.enroll import enroll
from fusion.use_cases.enrolment_request import EnrolmentRequest
from fusion.use_cases.enrolment_result import EnrolmentResult
from gallery.store.port import SubjectStore
from gallery.store.subject_store import PartitionedStore
from gallery.store.values import ConsistencyToken
from gallery.subject import EncounterState, Subject
from tests.contract.conftest import OpenStore
from tests.unit.fusion.world import UUID, model, sample, template

REVIEW, REFUSE = OnDuplicate.REVIEW, OnDuplicate.REFUSE


@dataclass
class StoreMatcher:
    """A Matcher that compares names, and searches what the store holds now; so many searches are answered together."""

    store: SubjectStore
    meeting: asyncio.Barrier
    modality: Modality = Modality.FACE

    async def extract(self, image: EncodedImage, position: Position, timeout_s: float) -> Extracted:
        """A template of the image's bytes."""
        return Extracted(template(self.modality, image.data.decode()), Quality(80.0))

    async def compare(self, probe: Template, references: Sequence[Template], timeout_s: float) -> list[float]:
        """Scores by name."""
        return [8.0 if each.data == probe.data else -3.0 for each in references]

    async def search(self, probe: Sample, gallery: str, limit: int, token: ConsistencyToken, timeout_s: float) -> Found:
        """All subjects of the gallery."""
        subjects = (await self.store.list(1000, gallery=gallery)).subjects
        await self.meeting.wait()
        hits = self._hits(probe, subjects)
        return Found(hits[:limit], len(hits))

    async def score(
        self, probe: Sample, subject_ids: Sequence[str], token: ConsistencyToken, timeout_s: float
    ) -> list[Hit]:
        """Scores by name."""
        return self._hits(probe, list((await self.store.get_many(subject_ids)).values()))

    def _hits(self, probe: Sample, subjects: Sequence[Subject]) -> list[Hit]:
        assert isinstance(probe.source, Template)
        found = [(each.subject_id, each.active_references) for each in subjects if each.active_references]
        data = probe.source.data
        scores = [(8.0 if any(r.template.data == data for r in refs) else -3.0, name) for name, refs in found]
        return [Hit(name, score, Position.FACE, 1) for score, name in sorted(scores, reverse=True)]


async def both_enrolled(
    stores: Sequence[PartitionedStore], policy: OnDuplicate, people: Sequence[str]
) -> list[EnrolmentResult | BaseException]:
    """Results of enrolments, one through each store, whose searches have all ended before any writes."""
    meeting = asyncio.Barrier(len(stores))

    async def one(number: int, store: PartitionedStore, who: str) -> EnrolmentResult:
        matchers = {Modality.FACE: StoreMatcher(store, meeting)}
        request = EnrolmentRequest(
            UUID.format(number), f"s{number}", (), "", (sample(Modality.FACE, who),), (), False, policy
        )
        return await enroll(request, matchers, store, 30.0, guard=DuplicateGuard(matchers, store, model()))

    work = [one(number, *each) for number, each in enumerate(zip(stores, people, strict=True))]
    return list(await asyncio.gather(*work, return_exceptions=True))


async def active(store: SubjectStore) -> list[str]:
    """Ids of subjects with an active encounter."""
    return [each.subject_id for each in (await store.list(100)).subjects if each.active_references]


@pytest.mark.parametrize("policy", [REVIEW, REFUSE])
async def test_of_two_processes_at_most_one_passes(open_store: OpenStore, policy: OnDuplicate) -> None:
    """If both search before either writes, at most one encounter is active, and the others are held or refused."""
    stores = [open_store() for _ in range(4)]
    results = await both_enrolled(stores, policy, ["ann"] * 4)
    passed = [each for each in results if isinstance(each, EnrolmentResult) and each.state is EncounterState.ACTIVE]
    refused = [each for each in results if isinstance(each, DuplicateFound)]
    held = [each for each in results if isinstance(each, EnrolmentResult) and each.state is EncounterState.INACTIVE]
    assert 4 == len(passed) + len(refused if policy is REFUSE else held)
    assert len(passed) == len(await active(stores[0])) <= 1
    assert 4 - len(refused) == await stores[0].count()


async def test_others_pass_beside_each_other(open_store: OpenStore) -> None:
    """Different people who are enrolled at the same time are scored by the second look, and none is held."""
    stores = [open_store() for _ in range(3)]
    await both_enrolled(stores, REVIEW, ["ann", "bob", "cleo"])
    assert ["s0", "s1", "s2"] == await active(stores[0])
