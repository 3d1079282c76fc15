"""Parts of records that are not read, in the answers of enrolments and updates."""

from __future__ import annotations

from biofusion.fusion.v1 import encounters_pb2, subjects_pb2
from biofusion.type.v1 import record_pb2, sample_pb2

from fusion.use_cases.enrolment_result import EnrolmentResult, Trial
from fusion.use_cases.update import UpdateResult
from fusion.wire.enrolments import enrolment_from_wire, enrolment_to_wire, trial_to_wire
from fusion.wire.life.updates import update_from_wire, update_to_wire
from gallery.store.values import START
from tests.support.records.image_records import PIXELS
from tests.support.records.nist_files import nist_file, other, print_14
from tests.unit.fusion.world import UUID

REQUEST = UUID.format(1)


def samples() -> list[sample_pb2.Sample]:
    """Two records: a finger alone, and a finger beside a palm."""
    files = nist_file(print_14(1, 7, PIXELS)), nist_file(print_14(1, 8, PIXELS), other(15, 2))
    return [sample_pb2.Sample(record=record_pb2.Record(data=each)) for each in files]


async def test_what_an_enrolment_does_not_read_is_in_its_answer() -> None:
    """A palm is named with its record and its place there, also in the answer of a dry run."""
    message = subjects_pb2.EnrollSubjectRequest(request_id=REQUEST, subject_id="a", samples=samples())
    request, unread = await enrolment_from_wire(message)
    assert 2 == len(request.samples)
    (part,) = enrolment_to_wire(EnrolmentResult("e1", START, (), replayed=False), unread).unread_parts
    assert part.startswith("samples[1].record: ")
    assert "record 15.1 is of a palm" in part
    assert [part] == list(trial_to_wire(Trial(()), unread).unread_parts)


async def test_what_an_update_does_not_read_is_in_its_answer() -> None:
    """As of an enrolment."""
    message = encounters_pb2.UpdateEncounterRequest(
        request_id=REQUEST, subject_id="a", encounter_id="e1", samples=samples()
    )
    request, unread = await update_from_wire(message)
    (part,) = update_to_wire(request, unread, UpdateResult(START, (), replayed=False)).unread_parts
    assert "record 15.1 is of a palm" in part
