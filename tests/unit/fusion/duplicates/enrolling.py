"""Enrolments with a search for duplicates, over a store in memory that can change single encounters."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from biometrics.errors import BiofusionError
from biometrics.sample import Sample
from biometrics.template import Modality
from fusion.duplicates.guard import DuplicateGuard
from fusion.duplicates.policy import OnDuplicate
from fusion.matching.matchers import Found
from fusion.use_cases.enroll import enroll
from fusion.use_cases.enrolment_request import EnrolmentRequest
from fusion.use_cases.enrolment_result import EnrolmentResult
from gallery.store.values import ConsistencyToken
from tests.support.fakes.memory_store import MemoryStore
from tests.unit.fusion.enrolled_people import samples_of
from tests.unit.fusion.world import UUID, FakeMatcher, model

Outcome = EnrolmentResult | BiofusionError


@dataclass
class MeetingMatcher(FakeMatcher):
    """A Matcher whose searches are answered when so many have arrived: none of them sees what follows another one."""

    meeting: asyncio.Barrier = field(default_factory=lambda: asyncio.Barrier(1))

    async def search(self, probe: Sample, gallery: str, limit: int, token: ConsistencyToken, timeout_s: float) -> Found:
        """As of when it was asked."""
        found = await super().search(probe, gallery, limit, token, timeout_s)
        await asyncio.sleep(0)  # lets others begin, as a call over a network does
        await self.meeting.wait()
        return found


def services_of(store: MemoryStore, meeting: int = 1) -> dict[Modality, FakeMatcher]:
    """One matcher per modality, each answering so many searches at a time."""
    return {each: MeetingMatcher(each, store, meeting=asyncio.Barrier(meeting)) for each in Modality}


def request(number: int, who: str, policy: OnDuplicate, **fields: Any) -> EnrolmentRequest:
    """A request to enrol a person as `s<number>`."""
    fields = {"subject_id": f"s{number}", "galleries": (), "encounter_id": "", "add_encounter": False} | fields
    return EnrolmentRequest(
        request_id=UUID.format(number), samples=samples_of(who), missing=(), on_duplicate=policy, **fields
    )


async def enrolled(
    store: MemoryStore, asked: EnrolmentRequest, services: dict[Modality, FakeMatcher], guard: DuplicateGuard
) -> EnrolmentResult:
    """What the enrolment did."""
    return await enroll(asked, services, store, 5.0, guard=guard)


def guard_of(store: MemoryStore, services: dict[Modality, FakeMatcher]) -> DuplicateGuard:
    """The guard of one process."""
    return DuplicateGuard(services, store, model())


async def all_of(work: Sequence[Any]) -> list[Outcome]:
    """Results and errors of concurrent enrolments, in order."""
    return list(await asyncio.gather(*work, return_exceptions=True))


def active(store: MemoryStore) -> list[str]:
    """Ids of subjects with an active encounter, in order."""
    return sorted(each.subject_id for each in store.subjects.values() if each.active_references)
