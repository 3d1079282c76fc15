from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from biometrics.errors import ServiceUnavailable
from biometrics.sample import EncodedImage, Sample
from biometrics.template import Modality, Position, Template
from fusion.decision.decision import DecisionReason, Outcome
from fusion.evidence.evidence import EvidenceStatus
from fusion.matching.matchers import Extracted, Found, Hit
from fusion.requests.budget import RESERVE_SHARE, step_s
from fusion.samples.probes import Matchers
from fusion.use_cases.enroll import enroll
from fusion.use_cases.enrolment_request import EnrolmentRequest
from fusion.use_cases.identify import IdentificationRequest, identify
from fusion.use_cases.verify import VerificationRequest, verify
from gallery.store.values import ConsistencyToken
from infra.deadlines import Deadline
from tests.support.fakes.memory_store import MemoryStore
from tests.unit.fusion.enrolled_people import samples_of, world
from tests.unit.fusion.world import UUID, FakeMatcher, model

HOUR = 3600.0


@dataclass
class TimedMatcher(FakeMatcher):
    """Records how long each call may take; a method that `hangs` does not answer in that time."""

    hangs: tuple[str, ...] = ()
    allowed: dict[str, float] = field(default_factory=dict)

    async def extract(self, image: EncodedImage, position: Position, timeout_s: float) -> Extracted:
        """See FakeMatcher."""
        await self._spend("extract", timeout_s)
        return await super().extract(image, position, timeout_s)

    async def compare(self, probe: Template, references: Sequence[Template], timeout_s: float) -> list[float]:
        """See FakeMatcher."""
        await self._spend("compare", timeout_s)
        return await super().compare(probe, references, timeout_s)

    async def search(self, probe: Sample, gallery: str, limit: int, token: ConsistencyToken, timeout_s: float) -> Found:
        """See FakeMatcher."""
        await self._spend("search", timeout_s)
        return await super().search(probe, gallery, limit, token, timeout_s)

    async def score(
        self, probe: Sample, subject_ids: Sequence[str], token: ConsistencyToken, timeout_s: float
    ) -> list[Hit]:
        """See FakeMatcher."""
        await self._spend("score", timeout_s)
        return await super().score(probe, subject_ids, token, timeout_s)

    async def _spend(self, method: str, timeout_s: float) -> None:
        self.allowed[method] = min(timeout_s, self.allowed.get(method, timeout_s))
        if method in self.hangs:
            try:
                async with asyncio.timeout(timeout_s):
                    await asyncio.Event().wait()
            except TimeoutError:
                raise ServiceUnavailable("No answer in time.") from None


async def timed(*people: str) -> tuple[MemoryStore, dict[Modality, TimedMatcher]]:
    """A store with these people, and services over it that record their time."""
    store, _ = await world(*people)
    return store, {modality: TimedMatcher(modality, store) for modality in Modality}


async def use(use_case: str, services: Matchers, store: MemoryStore, timeout_s: float) -> None:
    """Call one use case."""
    match use_case:
        case "identify":
            await identify(IdentificationRequest(samples_of("ann")), services, store, model(), timeout_s)
        case "verify":
            await verify(VerificationRequest("ann", samples_of("bob")), services, store, model(), timeout_s)
        case "enroll":
            new = EnrolmentRequest(UUID.format(9), "new", (), "", samples_of("new"), (), add_encounter=False)
            await enroll(new, services, store, timeout_s)


@pytest.mark.parametrize("use_case", ["identify", "verify", "enroll"])
async def test_every_step_may_use_what_is_left(use_case: str) -> None:
    """If the steps before took almost no time, a step has nearly the whole time of the call."""
    store, services = await timed("ann", "bob")
    for service in services.values():
        service.returned = ("ann",) if service.modality is Modality.FACE else ("bob",)
    await use(use_case, services, store, HOUR)
    times = [time for service in services.values() for time in service.allowed.values()]
    assert len(times) >= 3
    assert min(times) > HOUR - 100.0


@pytest.mark.parametrize("method", ["extract", "search", "score"])
async def test_a_service_that_hangs_leaves_time_to_answer(method: str) -> None:
    """A service that hangs is missing evidence: the others are called after it, in time, and decide."""
    store, services = await timed("ann", "bob")
    services[Modality.FACE].hangs = (method,)
    services[Modality.FACE].returned = ()
    found = await identify(IdentificationRequest(samples_of("ann")), services, store, model(), 0.5)
    statuses = {each.modality: each.status for each in found.decision.evidence}
    assert (Outcome.MATCH, "ann") == (found.decision.outcome, found.subject_id)
    assert EvidenceStatus.SERVICE_UNAVAILABLE == statuses.pop(Modality.FACE)
    assert {EvidenceStatus.COMPARED} == set(statuses.values())
    assert DecisionReason.SERVICE_UNAVAILABLE in found.decision.reasons
    assert min(services[Modality.IRIS].allowed.values()) > 0.0


async def test_a_verification_answers_though_a_service_hangs() -> None:
    """The comparison that hangs ends early enough for the decision by the others."""
    store, services = await timed("ann")
    services[Modality.FACE].hangs = ("compare",)
    decision = await verify(VerificationRequest("ann", samples_of("ann")), services, store, model(), 0.5)
    assert Outcome.MATCH == decision.outcome
    assert DecisionReason.SERVICE_UNAVAILABLE in decision.reasons


def test_a_step_leaves_a_share_for_the_rest() -> None:
    """A step leaves a share of a short time, and gets no time once the deadline has passed."""
    assert pytest.approx((1.0 - RESERVE_SHARE) * 2.0, rel=0.1) == step_s(Deadline.after(2.0))
    assert 0.0 == step_s(Deadline.after(-1.0))
