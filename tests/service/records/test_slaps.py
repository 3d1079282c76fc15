"""Images of several fingers, sent as they are and inside of records, to a fusion service of each kind."""

from __future__ import annotations

import grpc
import numpy as np
import pytest
from biofusion.fingerprint.v1 import fingerprint_pb2, fingerprint_pb2_grpc
from biofusion.fusion.v1 import subjects_pb2
from biofusion.type.v1 import modality_pb2, record_pb2, sample_pb2

from biometrics.slap import LEFT_TO_RIGHT, Segment, Slap
from biometrics.template import Modality, Position
from formats.cbeff.write import write as write_cbeff
from infra.wire.convert import position_to_wire
from tests.service import pictures
from tests.service.fusion.requests import INVALID, Stub, enrolment, fields_named, refused, someone
from tests.service.records.requests import FINGER, MATCH, SOURCES, enrolled, found, message, outcome, print_of, record
from tests.support.records import of_pictures as made
from tests.support.records.image_records import fir_2011
from tests.support.records.nist_files import nist_file, print_14

PRECONDITION = grpc.StatusCode.FAILED_PRECONDITION
INDEX, MIDDLE, RING, LITTLE = LEFT_TO_RIGHT[Slap.RIGHT_FOUR]
FOUR = [position_to_wire(each) for each in LEFT_TO_RIGHT[Slap.RIGHT_FOUR]]
RIGHT_FOUR, UNKNOWN_FOUR = record_pb2.SLAP_RIGHT_FOUR, record_pb2.SLAP_UNKNOWN_FOUR


@pytest.fixture(scope="module")
def hand() -> made.MadeSlap:
    """Four fingers of a right hand; its index finger is the demo's finger 1."""
    return made.slap()


def as_slap(pixels: made.Gray, slap: int = RIGHT_FOUR) -> sample_pb2.Sample:
    """An image as a slap."""
    image = sample_pb2.Image(data=pictures.png(pixels), resolution_dpi=500.0)
    return sample_pb2.Sample(modality=FINGER, image=image, slap=slap)


def boxes(hand: made.MadeSlap) -> list[Segment]:
    """The true box of each fingertip."""
    places = [np.nonzero(hand.labels == number) for number in range(1, 5)]
    return [
        Segment(position, int(across.min()), int(down.min()), int(across.max()), int(down.max()))
        for position, (down, across) in zip(LEFT_TO_RIGHT[Slap.RIGHT_FOUR], places, strict=True)
    ]


def gone(position: Position, reason: int = modality_pb2.MISSING_REASON_AMPUTATED) -> sample_pb2.MissingPosition:
    """A finger that is stated as missing."""
    return sample_pb2.MissingPosition(modality=FINGER, position=position_to_wire(position), reason=reason)


def positions(answer: subjects_pb2.EnrollSubjectResponse) -> list[int]:
    """Those of the reports."""
    return [each.position for each in answer.reports]


@pytest.mark.parametrize("slap", [RIGHT_FOUR, UNKNOWN_FOUR], ids=["right", "unknown"])
def test_a_slap_stands_for_its_fingers(either: Stub, hand: made.MadeSlap, slap: int) -> None:
    """Four references are stored in order, a single print matches its finger, and a search by the slap finds it."""
    asked = enrolment(someone(), as_slap(hand.gray, slap), galleries=[someone()])
    answer = either.subjects.EnrollSubject(asked, timeout=60)
    assert FOUR == positions(answer)
    assert {(0, 500.0, SOURCES.Value("RESOLUTION_SOURCE_STATED"))} == {
        (each.sample_index, each.resolution.horizontal_dpi, each.resolution.source) for each in answer.reports
    }
    assert ["right index", "right middle", "right ring", "right little"] == [
        each.record_part for each in answer.reports
    ]
    assert MATCH == outcome(either, asked.subject_id, print_of(pictures.png(made.finger(2)), INDEX))
    assert asked.subject_id == found(either, asked, as_slap(hand.gray, slap))


def test_a_slap_inside_of_a_record(either: Stub, hand: made.MadeSlap) -> None:
    """Found or by its segments, the fingers of a record's slap are enrolled, and match a single print."""
    shown = made.raw(hand.gray, 13)
    for data in (fir_2011(shown), made.nist_slap(hand.gray), made.nist_slap(hand.gray, boxes(hand))):
        request = enrolled(either, record(data))
        stored = either.subjects.GetSubject(subjects_pb2.GetSubjectRequest(subject_id=request.subject_id)).subject
        assert FOUR == [each.position for each in stored.encounters[0].references]
        assert MATCH == outcome(either, request.subject_id, print_of(pictures.png(made.finger(2)), INDEX))


def test_one_finger_of_a_slap(either: Stub, hand: made.MadeSlap) -> None:
    """With a position beside the record, only this finger is of interest; one that the slap cannot show is named."""
    for data in (made.nist_slap(hand.gray), made.nist_slap(hand.gray, boxes(hand))):
        asked = enrolment(someone(), record(data, position=position_to_wire(RING)))
        assert [position_to_wire(RING)] == positions(either.subjects.EnrollSubject(asked, timeout=60))
        left = enrolment(someone(), record(data, position=modality_pb2.POSITION_LEFT_INDEX))
        assert ["samples[0].record"] == fields_named(either.subjects.EnrollSubject, left)


def test_a_finger_that_is_stated_as_missing(either: Stub, hand: made.MadeSlap) -> None:
    """A hand of three fingers is refused by name, and taken when the missing one is stated, by request or record."""
    three = hand.gray.copy()
    three[np.isin(hand.labels, (4, 104))] = 235
    alone, inside = as_slap(three), record(made.nist_slap(three))
    for sample in (alone, inside):
        assert (PRECONDITION, "SLAP_FINGERS_MISSING") == refused(
            either.subjects.EnrollSubject, enrolment(someone(), sample)
        )
        answer = either.subjects.EnrollSubject(enrolment(someone(), sample, missing=[gone(LITTLE)]), timeout=60)
        assert (FOUR[:3], [gone(LITTLE)]) == (positions(answer), list(answer.missing))
    elsewhere = record(write_cbeff([], [(Modality.FINGERPRINT, LITTLE)]))
    answer = either.subjects.EnrollSubject(enrolment(someone(), alone, elsewhere), timeout=60)
    assert FOUR[:3] == positions(answer)
    height, width = three.shape
    said = nist_file(print_14(1, 13, three.tobytes(), f06=str(width), f07=str(height), f18="5\x1fXX"))
    answer = either.subjects.EnrollSubject(enrolment(someone(), record(said)), timeout=60)
    assert (FOUR[:3], [gone(LITTLE)]) == (positions(answer), list(answer.missing))


def test_a_segment_of_a_finger_that_is_missing(fusion: Stub, hand: made.MadeSlap) -> None:
    """A finger with a segment is not missing: the request that says so is refused."""
    request = enrolment(someone(), record(made.nist_slap(hand.gray, boxes(hand))), missing=[gone(LITTLE)])
    assert ["missing"] == fields_named(fusion.subjects.EnrollSubject, request)


def test_a_finger_of_a_slap_that_cannot_be_used(either: Stub, hand: made.MadeSlap) -> None:
    """The enrolment is refused and names the sample; with skip_unusable the finger is missing for its quality."""
    spoilt = hand.gray.copy()
    box = boxes(hand)[2]
    spoilt[box.top : box.bottom + 1, box.left : box.right + 1] = 120
    data = record(made.nist_slap(spoilt, boxes(hand)))
    request = enrolment(someone(), print_of(pictures.png(made.finger(3)), Position.LEFT_THUMB), data)
    assert PRECONDITION == refused(either.subjects.EnrollSubject, request)[0]
    assert message(either.subjects.EnrollSubject, request).startswith("samples[1]: record 14.1, right ring")
    skipping = enrolment(someone(), data, skip_unusable=True)
    answer = either.subjects.EnrollSubject(skipping, timeout=60)
    low = modality_pb2.MISSING_REASON_LOW_QUALITY
    assert ([FOUR[0], FOUR[1], FOUR[3]], [gone(RING, low)]) == (positions(answer), list(answer.missing))
    checked = either.subjects.CheckQuality(subjects_pb2.CheckQualityRequest(samples=[data]), timeout=60).reports
    assert [True, True, False, True] == [each.is_sufficient for each in checked]


@pytest.mark.parametrize("slap", [RIGHT_FOUR, record_pb2.SLAP_TWO_THUMBS])
def test_what_is_no_slap(either: Stub, slap: int) -> None:
    """An empty platen, one finger, and a hand that is none of two thumbs are refused by name."""
    blank = np.full((900, 1200), 235, np.uint8)
    assert PRECONDITION == refused(either.subjects.EnrollSubject, enrolment(someone(), as_slap(blank, slap)))[0]
    one = np.full((900, 1200), 235, np.uint8)
    one[200:700, 400:800] = made.finger(1)
    code, reason = refused(either.subjects.EnrollSubject, enrolment(someone(), as_slap(one, slap)))
    assert (PRECONDITION, True) == (code, reason.startswith("SLAP_"))
    assert message(either.subjects.EnrollSubject, enrolment(someone(), as_slap(one, slap))).startswith("samples[0]: ")


def test_a_slap_with_what_it_may_not_have(fusion: Stub, hand: made.MadeSlap) -> None:
    """A position, another modality, a template or an unknown slap beside it is refused, and the field is named."""
    positioned, iris, unknown = as_slap(hand.gray), as_slap(hand.gray), as_slap(hand.gray, 9)
    positioned.position = modality_pb2.POSITION_RIGHT_INDEX
    iris.modality = modality_pb2.MODALITY_IRIS
    for sample in (positioned, iris, unknown):
        request = subjects_pb2.CheckQualityRequest(samples=[sample])
        assert ["samples[0].slap"] == fields_named(fusion.subjects.CheckQuality, request)


def wire(segment: Segment) -> fingerprint_pb2.Segment:
    """A segment as a message."""
    return fingerprint_pb2.Segment(
        position=position_to_wire(segment.position),
        left_px=segment.left,
        top_px=segment.top,
        right_px=segment.right,
        bottom_px=segment.bottom,
    )


def test_fingers_by_segments_and_found(channel: grpc.Channel, hand: made.MadeSlap) -> None:
    """ExtractFingers gives the segments back with confidence 1, or finds them over the true tips."""
    stub = fingerprint_pb2_grpc.FingerprintServiceStub(channel)
    image = sample_pb2.Image(data=pictures.png(hand.gray))
    given = [wire(each) for each in boxes(hand)]
    request = fingerprint_pb2.ExtractFingersRequest(image=image, slap=RIGHT_FOUR, segments=given)
    fingers = stub.ExtractFingers(request, timeout=60).fingers
    assert {sample_pb2.PRESENTATION_ATTACK_NOT_ASSESSED} == {each.presentation_attack for each in fingers}
    assert [(each, 1.0) for each in given] == [(each.segment, each.confidence) for each in fingers]
    assert all(each.HasField("template") and each.quality.value > 0 and not each.failure_reason for each in fingers)
    alone = fingerprint_pb2.ExtractFingersRequest(image=image, slap=RIGHT_FOUR)
    by_itself = stub.ExtractFingers(alone, timeout=60).fingers
    assert FOUR == [each.segment.position for each in by_itself]
    for truth, each in zip(boxes(hand), by_itself, strict=True):
        assert abs(truth.left + truth.right - each.segment.left_px - each.segment.right_px) < 60
        assert 0 < each.confidence <= 1


def test_segments_that_cannot_be_cut(channel: grpc.Channel, hand: made.MadeSlap) -> None:
    """A segment outside of the image, without area, twice of one finger, of an eye, or one of too many is named."""
    stub = fingerprint_pb2_grpc.FingerprintServiceStub(channel)
    image = sample_pb2.Image(data=pictures.png(hand.gray))
    good = boxes(hand)
    outside = Segment(MIDDLE, 5000, 0, 5100, 100)
    backwards = Segment(MIDDLE, 100, 100, 50, 200)
    eye = fingerprint_pb2.Segment(position=modality_pb2.POSITION_LEFT_EYE, right_px=9, bottom_px=9)
    for bad, named in (
        ([wire(good[0]), wire(outside)], "segments[1]"),
        ([wire(good[0]), wire(backwards)], "segments[1]"),
        ([wire(good[0]), wire(good[0])], "segments[1]"),
        ([wire(good[0]), eye], "segments[1]"),
        ([wire(good[0])] * 11, "segments"),
    ):
        request = fingerprint_pb2.ExtractFingersRequest(image=image, slap=RIGHT_FOUR, segments=bad)
        assert [named] == [each.removesuffix(".position") for each in fields_named(stub.ExtractFingers, request)]
    eyeless = fingerprint_pb2.ExtractFingersRequest(image=image, slap=RIGHT_FOUR, missing=[FOUR[0], eye.position])
    assert ["missing[1]"] == fields_named(stub.ExtractFingers, eyeless)
    unsaid = fingerprint_pb2.ExtractFingersRequest(image=image)
    assert ["slap"] == fields_named(stub.ExtractFingers, unsaid)
    assert (INVALID, "IMAGE_UNDECODABLE") == refused(
        stub.ExtractFingers, fingerprint_pb2.ExtractFingersRequest(slap=RIGHT_FOUR)
    )
