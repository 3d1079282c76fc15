"""People enrolled with a face, a finger and an eye."""

from __future__ import annotations

from biometrics.sample import Sample
from biometrics.template import Modality, Position
from fusion.use_cases.enroll import enroll
from fusion.use_cases.enrolment_request import EnrolmentRequest
from tests.support.fakes.memory_store import MemoryStore
from tests.unit.fusion.world import UUID, FakeMatcher, matchers, sample

LEFT, RIGHT = Position.LEFT_EYE, Position.RIGHT_EYE


def samples_of(who: str) -> tuple[Sample, ...]:
    """A face, a finger and an eye of a person."""
    return (
        sample(Modality.FACE, who),
        sample(Modality.FINGERPRINT, who, Position.RIGHT_INDEX),
        sample(Modality.IRIS, who, LEFT),
    )


async def world(*people: str) -> tuple[MemoryStore, dict[Modality, FakeMatcher]]:
    """A store with these people enrolled, and the services over it."""
    store = MemoryStore()
    services = matchers(store)
    for number, who in enumerate(people):
        request = EnrolmentRequest(UUID.format(number), who, (), "", samples_of(who), (), add_encounter=False)
        await enroll(request, services, store, 1.0)
    return store, services
