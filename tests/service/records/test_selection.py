"""Which samples and missing positions a record stands for, and what happens when they contradict each other."""

from __future__ import annotations

import uuid

import grpc
import pytest
from biofusion.fusion.v1 import encounters_pb2, subjects_pb2
from biofusion.type.v1 import modality_pb2, sample_pb2

from biometrics.template import Modality, Position
from formats.cbeff.write import DataBlock
from formats.cbeff.write import write as write_cbeff
from formats.contents import RecordFormat
from tests.service import pictures
from tests.service.fusion.requests import INVALID, Stub, enrolment, fields_named, refused, someone
from tests.service.records.requests import FINGER, enrolled, message, print_of, record, reports
from tests.support.records import of_pictures as made
from tests.support.records.image_records import fir_2011
from tests.support.records.nist_files import nist_file, print_14

INDEX, MIDDLE, THUMB = Position.RIGHT_INDEX, Position.RIGHT_MIDDLE, Position.RIGHT_THUMB
LEFT_INDEX, LEFT_LITTLE = modality_pb2.POSITION_LEFT_INDEX, modality_pb2.POSITION_LEFT_LITTLE
IRIS = modality_pb2.MODALITY_IRIS
AMPUTATED, BANDAGED, NOT_CAPTURED = (
    modality_pb2.MissingReason.Value(f"MISSING_REASON_{name}") for name in ("AMPUTATED", "BANDAGED", "NOT_CAPTURED")
)


def document() -> sample_pb2.Sample:
    """Right index and right middle finger, and a left eye."""
    blocks = [
        DataBlock(made.finger_records(made.finger(number), where)[RecordFormat.ISO_19794_4_2011], where)
        for number, where in ((1, INDEX), (3, MIDDLE))
    ]
    eye = made.eye_records(made.eye(5), Position.LEFT_EYE)[RecordFormat.ISO_19794_6_2011]
    gone = [(Modality.IRIS, Position.RIGHT_EYE), (Modality.FINGERPRINT, Position.LEFT_THUMB)]
    return record(write_cbeff([*blocks, DataBlock(eye, Position.LEFT_EYE)], gone))


def missing(position: int, reason: int, modality: int = FINGER) -> sample_pb2.MissingPosition:
    """A position that is stated as missing."""
    return sample_pb2.MissingPosition(modality=modality, position=position, reason=reason)


@pytest.mark.parametrize(
    ("modality", "position", "expected", "gone"),
    [
        (0, 0, [(2, "RIGHT_INDEX"), (2, "RIGHT_MIDDLE"), (3, "LEFT_EYE")], ["RIGHT_EYE", "LEFT_THUMB"]),
        (2, 0, [(2, "RIGHT_INDEX"), (2, "RIGHT_MIDDLE")], ["LEFT_THUMB"]),
        (3, 0, [(3, "LEFT_EYE")], ["RIGHT_EYE"]),
        (2, modality_pb2.POSITION_RIGHT_MIDDLE, [(2, "RIGHT_MIDDLE")], []),
        (0, modality_pb2.POSITION_RIGHT_MIDDLE, [(2, "RIGHT_MIDDLE")], []),
        (0, modality_pb2.POSITION_LEFT_THUMB, [], ["LEFT_THUMB"]),
    ],
)
def test_only_what_is_asked_for(
    fusion: Stub, modality: int, position: int, expected: list[tuple[int, str]], gone: list[str]
) -> None:
    """A modality or position beside the record leaves the others out, samples and missing positions alike."""
    sample = document()
    sample.modality, sample.position = modality, position
    both = [print_of(pictures.png(made.finger(3)), Position.LEFT_RING), sample]
    answer = fusion.subjects.CheckQuality(subjects_pb2.CheckQualityRequest(samples=both), timeout=60)
    names = [
        (each.report.modality, modality_pb2.Position.Name(each.report.position).removeprefix("POSITION_"))
        for each in answer.reports[1:]
    ]
    assert expected == names
    assert gone == [modality_pb2.Position.Name(each.position).removeprefix("POSITION_") for each in answer.missing]


def test_a_print_of_unknown_position_is_of_the_one_that_is_stated(fusion: Stub) -> None:
    """Where the record does not say which finger it is, the sample's position says it."""
    data = fir_2011(made.raw(made.finger(1), 0))
    (report,) = reports(fusion, record(data, position=LEFT_INDEX))
    assert LEFT_INDEX == report.report.position
    (unsaid,) = reports(fusion, record(data))
    assert modality_pb2.POSITION_UNKNOWN == unsaid.report.position


def test_nothing_of_what_is_asked_for(fusion: Stub) -> None:
    """The error names the record and says what it holds."""
    for fields in ({"position": LEFT_INDEX}, {"modality": modality_pb2.MODALITY_FACE}):
        sample = document()
        for name, value in fields.items():
            setattr(sample, name, value)
        request = subjects_pb2.CheckQualityRequest(samples=[sample])
        assert ["samples[0].record"] == fields_named(fusion.subjects.CheckQuality, request)
        said = message(fusion.subjects.CheckQuality, request)
        assert "It holds FINGERPRINT RIGHT_INDEX, FINGERPRINT RIGHT_MIDDLE, IRIS LEFT_EYE." in said


def test_missing_positions_are_stored_with_their_reason(either: Stub) -> None:
    """What a record says is missing, and why, is in the answer and in the store beside what the request states."""
    amputated = "4\x1fXX\x1e9\x1fUP"
    pixels = made.finger(1)
    data = nist_file(print_14(1, 2, pixels.tobytes(), f06="400", f07="500", f18=amputated))
    asked = enrolment(someone(), record(data), missing=[missing(LEFT_LITTLE, NOT_CAPTURED)])
    answer = either.subjects.EnrollSubject(asked, timeout=60)
    expected = [
        missing(LEFT_LITTLE, NOT_CAPTURED),
        missing(modality_pb2.POSITION_RIGHT_RING, AMPUTATED),
        missing(modality_pb2.POSITION_LEFT_RING, BANDAGED),
    ]
    assert expected == list(answer.missing)
    stored = either.subjects.GetSubject(subjects_pb2.GetSubjectRequest(subject_id=asked.subject_id)).subject
    assert expected == list(stored.encounters[0].missing)


def test_a_record_of_missing_positions_alone(fusion: Stub) -> None:
    """It adds its missing positions to samples of the request, and is no sample itself."""
    gone = record(write_cbeff([], [(Modality.FINGERPRINT, THUMB)]))
    answer = fusion.subjects.EnrollSubject(
        enrolment(someone(), print_of(pictures.png(made.finger(1)), INDEX), gone), timeout=60
    )
    assert [missing(modality_pb2.POSITION_RIGHT_THUMB, NOT_CAPTURED)] == list(answer.missing)
    assert [0] == [each.sample_index for each in answer.reports]
    assert ["samples"] == fields_named(fusion.subjects.EnrollSubject, enrolment(someone(), gone))


def test_a_sample_of_a_missing_position(fusion: Stub) -> None:
    """The request may not state as missing what its record shows; an update is refused like an enrolment."""
    shows = record(fir_2011(made.raw(made.finger(1), 2)))
    stated = [missing(modality_pb2.POSITION_RIGHT_INDEX, BANDAGED)]
    assert ["missing"] == fields_named(fusion.subjects.EnrollSubject, enrolment(someone(), shows, missing=stated))
    there = enrolled(fusion, shows, encounter_id="e")
    update = encounters_pb2.UpdateEncounterRequest(
        request_id=str(uuid.uuid4()),
        subject_id=there.subject_id,
        encounter_id="e",
        samples=[shows],
        missing=stated,
    )
    assert ["missing"] == fields_named(fusion.encounters.UpdateEncounter, update)


def test_a_position_that_two_records_state_as_missing(fusion: Stub) -> None:
    """It is missing once, for the reason of the first record."""
    pixels = made.finger(1)
    amputated = nist_file(print_14(1, 2, pixels.tobytes(), f06="400", f07="500", f18="1\x1fXX"))
    both = record(amputated), record(write_cbeff([], [(Modality.FINGERPRINT, THUMB)]))
    answer = fusion.subjects.EnrollSubject(enrolment(someone(), *both), timeout=60)
    assert [missing(modality_pb2.POSITION_RIGHT_THUMB, AMPUTATED)] == list(answer.missing)


def test_what_another_sample_shows_is_not_missing(fusion: Stub) -> None:
    """A finger that one record states as not captured, and another sample shows, is not missing."""
    gone = record(write_cbeff([], [(Modality.FINGERPRINT, INDEX)]))
    answer = fusion.subjects.EnrollSubject(
        enrolment(someone(), gone, print_of(pictures.png(made.finger(1)), INDEX)), timeout=60
    )
    assert ([], [1]) == (list(answer.missing), [each.sample_index for each in answer.reports])


def test_an_amputated_finger_with_a_sample(fusion: Stub) -> None:
    """A record that says that a finger is amputated and shows it contradicts itself."""
    data = nist_file(print_14(1, 2, made.finger(1).tobytes(), f06="400", f07="500", f18="2\x1fXX"))
    request = enrolment(someone(), record(data))
    assert (INVALID, "RECORD_MALFORMED") == refused(fusion.subjects.EnrollSubject, request)
    assert ["samples[0].record"] == fields_named(fusion.subjects.EnrollSubject, request)


def test_a_position_in_header_and_record_that_differ(fusion: Stub) -> None:
    """A data block of the left index under a header of the right one is refused."""
    inside = made.finger_records(made.finger(1), Position.LEFT_INDEX)[RecordFormat.ISO_19794_4_2011]
    request = enrolment(someone(), record(write_cbeff([DataBlock(inside, INDEX)])))
    assert (INVALID, "RECORD_MALFORMED") == refused(fusion.subjects.EnrollSubject, request)


def test_a_poor_sample_of_a_record_is_named_by_its_place_in_the_request(fusion: Stub) -> None:
    """The second representation of the second sample is named `samples[1]`, not `samples[2]`."""
    poor = made.raw(poor_print(), 3)
    data = record(fir_2011(made.raw(made.finger(1), 2), poor))
    request = enrolment(someone(), print_of(pictures.png(made.finger(3)), Position.LEFT_RING), data)
    code, reason = refused(fusion.subjects.EnrollSubject, request)
    assert (grpc.StatusCode.FAILED_PRECONDITION, True) == (code, reason in {"QUALITY_TOO_LOW", "TOO_FEW_MINUTIAE"})
    assert message(fusion.subjects.EnrollSubject, request).startswith("samples[1]: ")


def poor_print() -> made.Gray:
    """A print of which only the middle is left."""
    pixels = made.finger(1).copy()
    white = pixels.max()
    pixels[:200], pixels[300:], pixels[:, :150], pixels[:, 250:] = white, white, white, white
    return pixels


def test_skipping_what_cannot_be_used(either: Stub) -> None:
    """With skip_unusable the poor finger of a record is missing for its quality, and the good one is stored."""
    data = record(fir_2011(made.raw(made.finger(1), 2), made.raw(poor_print(), 3)))
    answer = either.subjects.EnrollSubject(enrolment(someone(), data, skip_unusable=True), timeout=60)
    low = modality_pb2.MISSING_REASON_LOW_QUALITY
    assert [modality_pb2.POSITION_RIGHT_INDEX] == [each.position for each in answer.reports]
    assert [missing(modality_pb2.POSITION_RIGHT_MIDDLE, low)] == list(answer.missing)
    alone = enrolment(someone(), record(fir_2011(made.raw(poor_print(), 3))), skip_unusable=True)
    assert grpc.StatusCode.FAILED_PRECONDITION == refused(either.subjects.EnrollSubject, alone)[0]
