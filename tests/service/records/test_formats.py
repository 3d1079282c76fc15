"""A record of each format is enrolled, verified and searched with, as the image in it is when it is sent alone."""

from __future__ import annotations

import pytest
from biofusion.fusion.v1 import subjects_pb2
from biofusion.type.v1 import modality_pb2, sample_pb2

from biometrics.template import Position
from formats.cbeff.write import DataBlock
from formats.cbeff.write import write as write_cbeff
from formats.contents import RecordFormat
from tests.service import pictures
from tests.service.fusion.requests import Stub, enrolment, someone
from tests.service.records.requests import FINGER, MATCH, enrolled, found, outcome, print_of, record, reports
from tests.support.lossless_jpeg_files import lossless_jpeg
from tests.support.records import of_pictures as made
from tests.support.records.image_records import fir_2011, iir_2005, iir_2011
from tests.support.wsq_files import wsq

INDEX, LEFT, FACE = Position.RIGHT_INDEX, Position.LEFT_EYE, modality_pb2.POSITION_FACE
OF_FINGERS = (RecordFormat.ISO_19794_4_2005, RecordFormat.ISO_19794_4_2011, RecordFormat.ANSI_NIST)
OF_FACES = (
    RecordFormat.ISO_19794_5_2005,
    RecordFormat.ISO_19794_5_2011,
    RecordFormat.ISO_39794_5,
    RecordFormat.ANSI_NIST,
)
OF_EYES = (RecordFormat.ISO_19794_6_2005, RecordFormat.ISO_19794_6_2011, RecordFormat.ANSI_NIST)


@pytest.mark.parametrize("stated", [False, True], ids=["found", "stated"])
@pytest.mark.parametrize("name", OF_FINGERS)
def test_images_of_fingers(fusion: Stub, name: RecordFormat, *, stated: bool) -> None:
    """The record is enrolled, whether its format is stated or found, and another impression alone matches it."""
    data = made.finger_records(made.finger(1), INDEX)[name]
    request = enrolled(fusion, record(data, name if stated else None))
    image = print_of(pictures.png(made.finger(2)), INDEX)
    assert MATCH == outcome(fusion, request.subject_id, image)
    assert request.subject_id == found(fusion, request, record(data))
    assert MATCH != outcome(fusion, request.subject_id, print_of(pictures.png(made.finger(3)), INDEX))


@pytest.mark.parametrize("name", OF_FACES)
def test_images_of_faces(fusion: Stub, name: RecordFormat) -> None:
    """The portrait is found in the record, and is the one that is sent alone."""
    portrait = pictures.asset("portrait-hopper")
    request = enrolled(fusion, record(made.face_records(portrait)[name]))
    alone = sample_pb2.Sample(modality=modality_pb2.MODALITY_FACE, image=sample_pb2.Image(data=portrait))
    assert MATCH == outcome(fusion, request.subject_id, alone)
    assert request.subject_id == found(fusion, request, record(made.face_records(portrait)[name]))


@pytest.mark.parametrize("name", OF_EYES)
def test_images_of_irises(fusion: Stub, name: RecordFormat) -> None:
    """Another capture of the eye, in a record too, is a match; its position is that of the record."""
    request = enrolled(fusion, record(made.eye_records(made.eye(4, 0), LEFT)[name]))
    probe = record(made.eye_records(made.eye(4, 1), LEFT)[name])
    assert MATCH == outcome(fusion, request.subject_id, probe)
    stored = fusion.subjects.GetSubject(subjects_pb2.GetSubjectRequest(subject_id=request.subject_id)).subject
    assert [modality_pb2.POSITION_LEFT_EYE] == [each.position for each in stored.encounters[0].references]


PRINT = {
    "WSQ": (made.WSQ_FINGER, wsq),
    "JPEG": (made.JPEG_FINGER, lambda pixels: made.encoded(pixels, "JPEG", quality=95)),
    "lossless JPEG": (made.JPEG_FINGER, lossless_jpeg),
    "JPEG 2000": (made.JPEG_2000_FINGER, lambda pixels: made.encoded(pixels, "JPEG2000")),
    "PNG": (made.PNG_FINGER, made.encoded),
}


@pytest.mark.parametrize("name", PRINT)
def test_image_files_inside_of_a_record(fusion: Stub, name: str) -> None:
    """Whatever the print is compressed by, it is a match of the print alone."""
    compression, encode = PRINT[name]
    pixels = made.finger(1)
    data = fir_2011(made.filed(pixels, 2, encode(pixels), compression))
    request = enrolled(fusion, print_of(pictures.png(pixels), INDEX))
    assert MATCH == outcome(fusion, request.subject_id, record(data))


def test_a_document_of_several_modalities(either: Stub) -> None:
    """A CBEFF document with prints, an eye and a portrait stands for all of them; reports say where each came from."""
    blocks = [
        DataBlock(made.finger_records(made.finger(1), INDEX)[RecordFormat.ISO_19794_4_2011], INDEX, 80.0),
        DataBlock(made.face_records(pictures.asset("portrait-hopper"))[RecordFormat.ISO_19794_5_2005], Position.FACE),
        DataBlock(iir_2011(made.raw(made.eye(5), 2, compression=made.RAW_EYE)), LEFT),
    ]
    whole = record(write_cbeff(blocks))
    asked = enrolment(someone(), print_of(pictures.png(made.finger(2)), Position.LEFT_INDEX), whole)
    answer = either.subjects.EnrollSubject(asked, timeout=60)
    assert [(0, 2), (1, 2), (1, 1), (1, 3)] == [(each.sample_index, each.modality) for each in answer.reports]
    parts = [each.record_part for each in answer.reports]
    assert ("", 4) == (parts[0], len(set(parts)))
    assert MATCH == outcome(either, asked.subject_id, whole)


def test_two_eyes_of_one_record(fusion: Stub) -> None:
    """Both eyes of a record are samples, each of its own position."""
    shown = [made.raw(made.eye(6 + side), side + 1, compression=made.RAW_EYE) for side in range(2)]
    found_eyes = reports(fusion, record(iir_2005((1, shown[:1]), (2, shown[1:]))))
    expected = [modality_pb2.POSITION_RIGHT_EYE, modality_pb2.POSITION_LEFT_EYE]
    assert expected == [each.report.position for each in found_eyes]
    assert all(each.is_sufficient and each.report.sample_index == 0 for each in found_eyes)


def test_two_samples_of_one_position(fusion: Stub) -> None:
    """Two representations of one finger are two samples, and both are stored."""
    shown = made.raw(made.finger(1), 2)
    request = enrolled(fusion, record(fir_2011(shown, shown)))
    stored = fusion.subjects.GetSubject(subjects_pb2.GetSubjectRequest(subject_id=request.subject_id)).subject
    assert [(FINGER, modality_pb2.POSITION_RIGHT_INDEX)] * 2 == [
        (each.modality, each.position) for each in stored.encounters[0].references
    ]
