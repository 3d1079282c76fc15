from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from biofusion.fusion.v1 import subjects_pb2
from biofusion.type.v1 import modality_pb2, sample_pb2

from biometrics.errors import FieldInvalid
from biometrics.sample import Sample
from biometrics.template import Modality, Position
from fusion.requests.limits import MAX_OF_POSITION, MAX_OF_UNKNOWN, MOST_COMPARED, require_samples
from fusion.use_cases.enrolment_request import EnrolmentRequest
from fusion.use_cases.verify import VerificationRequest, verify
from fusion.wire.enrolments import enrolment_from_wire
from fusion.wire.requests import opened_from_wire
from gallery.store.limits import MAX_GALLERIES
from gallery.subject import Encounter, Reference, Subject
from tests.support.builders import START_TIME
from tests.support.fakes.memory_store import MemoryStore
from tests.unit.fusion.world import UUID, matchers, model, sample, template

THUMB = Position.RIGHT_THUMB


class Counted(Sequence[object]):
    """A sequence of a given length whose values must not be read."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: object) -> object:
        raise AssertionError("It was looked at.")


@pytest.mark.parametrize(("samples", "missing", "field"), [(65, 0, "samples"), (1, 65, "missing")])
async def test_too_many_values_are_refused_unread(samples: int, missing: int, field: str) -> None:
    """A repeated field over its limit is refused, naming field and limit, without reading its values."""
    with pytest.raises(FieldInvalid) as refused:
        await opened_from_wire(Counted(samples), Counted(missing))
    assert (field, "64") == (refused.value.field, refused.value.metadata["limit"])


async def test_too_many_galleries_are_refused() -> None:
    """Too many galleries are refused on the wire and in the domain; as many as allowed pass."""
    names = [f"g{number}" for number in range(MAX_GALLERIES + 1)]
    face = sample(Modality.FACE, "ann")
    with pytest.raises(FieldInvalid, match="galleries: at most 64"):
        await enrolment_from_wire(subjects_pb2.EnrollSubjectRequest(galleries=names))
    with pytest.raises(FieldInvalid, match="galleries: at most 64"):
        EnrolmentRequest(UUID.format(1), "ann", tuple(names), "", (face,), (), add_encounter=False)
    EnrolmentRequest(UUID.format(1), "ann", tuple(names[1:]), "", (face,), (), add_encounter=False)


@pytest.mark.parametrize(("position", "most"), [(THUMB, MAX_OF_POSITION), (Position.UNKNOWN, MAX_OF_UNKNOWN)])
def test_samples_of_one_position_are_bounded(position: Position, most: int) -> None:
    """Too many samples of one position are refused, naming it; another position may have as many again."""
    one = sample(Modality.FINGERPRINT, "ann", position)
    other = sample(Modality.FINGERPRINT, "ann", Position.LEFT_THUMB)
    require_samples([one] * most + [other] * MAX_OF_POSITION)
    with pytest.raises(FieldInvalid, match=f"FINGERPRINT {position}") as refused:
        require_samples([other, *[one] * (most + 1)])
    assert ("samples", str(most)) == (refused.value.field, refused.value.metadata["limit"])


async def test_a_verification_compares_the_newest_references() -> None:
    """If a subject has more references of a position than are compared, the newest are compared."""
    store = MemoryStore()
    people = ["old", *["later"] * MOST_COMPARED]
    encounters = [
        Encounter(f"e{number}", START_TIME, (Reference(THUMB, template(Modality.FINGERPRINT, who), 50.0),))
        for number, who in enumerate(people)
    ]
    store.subjects["ann"] = Subject("ann", ("default",), tuple(encounters))

    async def llr(probe: Sample) -> tuple[float, int]:
        (evidence,) = (
            await verify(VerificationRequest("ann", (probe,)), matchers(store), store, model(), 9.0)
        ).evidence
        assert evidence.comparison is not None
        return evidence.comparison.llr, evidence.comparison_count

    newest = sample(Modality.FINGERPRINT, "later", THUMB)
    assert (pytest.approx(5.0), MOST_COMPARED) == await llr(newest)
    assert (pytest.approx(-3.0), MOST_COMPARED) == await llr(
        replace(newest, source=sample(newest.modality, "old").source)
    )


async def test_the_wire_is_limited_before_it_is_read() -> None:
    """65 invalid samples are refused as too many, not as invalid."""
    bad = sample_pb2.Sample(modality=modality_pb2.MODALITY_UNSPECIFIED)
    with pytest.raises(FieldInvalid, match="1 to 64 samples are needed, 65 were sent"):
        await enrolment_from_wire(subjects_pb2.EnrollSubjectRequest(samples=[bad] * 65))
