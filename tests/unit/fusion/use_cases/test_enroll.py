from __future__ import annotations

from dataclasses import replace

import pytest

from biometrics.errors import (
    AcquisitionFailed,
    FieldInvalid,
    RequestIdReused,
    ServiceUnavailable,
    SubjectExists,
    SubjectNotFound,
)
from biometrics.template import MissingReason, Modality, Position
from fusion.use_cases.enroll import enroll
from fusion.use_cases.enrolment_request import EnrolmentRequest
from gallery.partitions import partition_of
from gallery.store.values import Before
from gallery.subject import Missing
from tests.support.fakes.memory_store import MemoryStore
from tests.unit.fusion.world import UUID, matchers, sample

REQUEST = EnrolmentRequest(
    request_id=UUID.format(1),
    subject_id="ann",
    galleries=(),
    encounter_id="",
    samples=(sample(Modality.FACE, "ann"), sample(Modality.IRIS, "ann", Position.LEFT_EYE)),
    missing=(Missing(Modality.IRIS, Position.RIGHT_EYE, MissingReason.BANDAGED),),
    add_encounter=False,
)


async def test_enrols_every_sample() -> None:
    """All samples become references of one encounter, in the default gallery, with the missing positions."""
    store = MemoryStore()
    result = await enroll(REQUEST, matchers(store), store, 1.0)
    subject = await store.get("ann")
    assert ("default",) == subject.galleries
    assert [result.encounter_id] == [encounter.encounter_id for encounter in subject.encounters]
    assert [Position.FACE, Position.LEFT_EYE] == [reference.position for reference in subject.active_references]
    assert REQUEST.missing == subject.encounters[0].missing
    assert [80.0, 80.0] == [reference.quality for reference in subject.active_references]


@pytest.mark.parametrize("which", [0, 1])
async def test_one_bad_sample_stores_nothing(which: int) -> None:
    """When one sample cannot be used, the error names it and nothing is stored."""
    store = MemoryStore()
    samples = list(REQUEST.samples)
    samples[which] = sample(samples[which].modality, "nobody", samples[which].position)
    with pytest.raises(AcquisitionFailed) as caught:
        await enroll(replace(REQUEST, samples=tuple(samples)), matchers(store), store, 1.0)
    assert ("NOTHING_FOUND", f"samples[{which}]") == (caught.value.reason, caught.value.metadata["sample"])
    assert {} == store.subjects


async def test_service_down_stores_nothing() -> None:
    """A matching service that is down fails the enrolment, and nothing is stored."""
    store = MemoryStore()
    services = matchers(store)
    services[Modality.IRIS].error = ServiceUnavailable("down")
    with pytest.raises(ServiceUnavailable):
        await enroll(REQUEST, services, store, 1.0)
    assert {} == store.subjects


async def test_repetition_is_answered_without_work() -> None:
    """The same request again gives the same receipt, even while the services are down."""
    store = MemoryStore()
    services = matchers(store)
    first = await enroll(REQUEST, services, store, 1.0)
    services[Modality.FACE].error = ServiceUnavailable("down")
    again = await enroll(REQUEST, services, store, 1.0)
    assert (first.encounter_id, first.token, True) == (again.encounter_id, again.token, again.replayed)
    assert 1 == len((await store.get("ann")).encounters)


async def test_a_request_id_is_the_same_in_upper_case() -> None:
    """Some tools write UUIDs in upper case; that is the same request."""
    store = MemoryStore()
    services = matchers(store)
    letters = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
    first = await enroll(replace(REQUEST, request_id=letters.upper()), services, store, 1.0)
    again = [
        await enroll(replace(REQUEST, request_id=each), services, store, 1.0) for each in (letters.upper(), letters)
    ]
    assert [(first.encounter_id, True)] * 2 == [(each.encounter_id, each.replayed) for each in again]


class OvertakenStore(MemoryStore):
    """A store in which the same request, sent again, completes between the two steps of the first one."""

    is_overtaken = False

    async def before(self, request_id: str, digest: str, subject_id: str) -> Before:
        """See SubjectStore."""
        found = await super().before(request_id, digest, subject_id)
        if not self.is_overtaken:
            self.is_overtaken = True
            await enroll(REQUEST, matchers(self), self, 1.0)
        return found


async def test_a_request_overtaken_by_its_repetition_is_one() -> None:
    """Two concurrent copies of one request give one enrolment and one replay without reports, never an error."""
    store = OvertakenStore()
    result = await enroll(REQUEST, matchers(store), store, 1.0)
    assert (True, ()) == (result.replayed, result.probes)
    assert 1 == len((await store.get("ann")).encounters)


NEIGHBOUR = next(f"bob{n}" for n in range(99) if partition_of(f"bob{n}", 4) == partition_of("ann", 4))
"""A subject of the same partition, where receipts are kept."""


@pytest.mark.parametrize(
    "change",
    [
        {"subject_id": NEIGHBOUR},
        {"samples": REQUEST.samples[:1]},
        {"galleries": ("other",)},
        {"missing": ()},
        {"encounter_id": "e1"},
    ],
    ids=str,
)
async def test_request_id_is_not_for_another_request(change: dict[str, object]) -> None:
    """The same request id with any other content is refused, and nothing changes."""
    store = MemoryStore()
    await enroll(REQUEST, matchers(store), store, 1.0)
    before = dict(store.subjects)
    with pytest.raises(RequestIdReused):
        await enroll(replace(REQUEST, **change), matchers(store), store, 1.0)
    assert before == store.subjects


async def test_existing_subject_needs_add_encounter() -> None:
    """A second enrolment of a subject is refused unless it sets add_encounter."""
    store = MemoryStore()
    await enroll(REQUEST, matchers(store), store, 1.0)
    second = replace(REQUEST, request_id=UUID.format(2))
    with pytest.raises(SubjectExists):
        await enroll(second, matchers(store), store, 1.0)
    await enroll(replace(second, add_encounter=True), matchers(store), store, 1.0)
    assert 2 == len((await store.get("ann")).encounters)


async def test_an_added_encounter_keeps_the_galleries() -> None:
    """An added encounter without galleries changes none; one with galleries adds the subject to them."""
    store = MemoryStore()
    await enroll(replace(REQUEST, galleries=("staff",)), matchers(store), store, 1.0)
    second = replace(REQUEST, request_id=UUID.format(2), add_encounter=True)
    await enroll(second, matchers(store), store, 1.0)
    assert ("staff",) == (await store.get("ann")).galleries
    third = replace(second, request_id=UUID.format(3), galleries=("visitors",))
    await enroll(third, matchers(store), store, 1.0)
    assert ("staff", "visitors") == (await store.get("ann")).galleries


async def test_add_encounter_needs_the_subject() -> None:
    """An encounter cannot be added to a subject that is not enrolled."""
    store = MemoryStore()
    with pytest.raises(SubjectNotFound):
        await enroll(replace(REQUEST, add_encounter=True), matchers(store), store, 1.0)


@pytest.mark.parametrize(
    "change",
    [
        {"request_id": ""},
        {"request_id": "not-a-uuid"},
        {"request_id": "11111111-1111-1111-8111-111111111111"},
        {"subject_id": ""},
        {"subject_id": "has space"},
        {"subject_id": "x" * 129},
        {"galleries": ("",)},
        {"encounter_id": "ü"},
        {"missing": (Missing(Modality.IRIS, Position.LEFT_EYE, MissingReason.BANDAGED),)},
    ],
    ids=str,
)
def test_bad_ids(change: dict[str, object]) -> None:
    """An id of the wrong form is refused, naming its field."""
    with pytest.raises(FieldInvalid, match=next(iter(change))):
        replace(REQUEST, **change)


async def test_no_samples() -> None:
    """An enrolment without a sample is refused."""
    store = MemoryStore()
    with pytest.raises(FieldInvalid, match="samples"):
        await enroll(replace(REQUEST, samples=()), matchers(store), store, 1.0)
