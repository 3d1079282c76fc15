"""Records as the one sample of a call to a matching service."""

from __future__ import annotations

from typing import Any

import pytest
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import modality_pb2, record_pb2, sample_pb2

from biometrics.template import Modality, Position
from formats.cbeff.write import DataBlock
from formats.cbeff.write import write as write_cbeff
from formats.contents import RecordFormat
from infra.models.model_cache import asset
from tests.service import pictures
from tests.service.fusion.requests import fields_named
from tests.service.matching.conftest import Service, extract, refused
from tests.support.records import of_pictures as made
from tests.support.records.image_records import fir_2011, iir_2011

RIGHT_EYE, INDEX = modality_pb2.POSITION_RIGHT_EYE, modality_pb2.POSITION_RIGHT_INDEX


def single(modality: Modality) -> bytes:
    """A record of one picture of the modality: that of `pictures.of`."""
    match modality:
        case Modality.FACE:
            portrait = made.encoded(made.decode(asset("portrait-astronaut")).pixels, "JPEG", quality=98)
            return made.face_records(portrait)[RecordFormat.ISO_19794_5_2011]
        case Modality.FINGERPRINT:
            return fir_2011(made.raw(made.finger(1), 2))
        case Modality.IRIS:
            return iir_2011(made.raw(made.eye(1), 1, compression=made.RAW_EYE))


def several() -> bytes:
    """A document of two fingers, two eyes and two portraits."""
    fingers = [(number, where) for number, where in ((1, Position.RIGHT_INDEX), (3, Position.RIGHT_MIDDLE))]
    blocks = [
        DataBlock(made.finger_records(made.finger(number), where)[RecordFormat.ISO_19794_4_2011], where)
        for number, where in fingers
    ]
    blocks += [
        DataBlock(made.eye_records(made.eye(1), eye)[RecordFormat.ISO_19794_6_2011], eye)
        for eye in (Position.RIGHT_EYE, Position.LEFT_EYE)
    ]
    portrait = made.face_records(asset("portrait-hopper"))[RecordFormat.ISO_19794_5_2005]
    return write_cbeff([*blocks, *[DataBlock(portrait, Position.FACE)] * 2])


def request(data: bytes, position: int = 0, **fields: Any) -> matching_pb2.ExtractTemplateRequest:
    """A call with a record."""
    return matching_pb2.ExtractTemplateRequest(record=record_pb2.Record(data=data), position=position, **fields)


def test_the_one_sample_of_a_record(service: Service) -> None:
    """It is extracted and compared as the picture alone, and searched with."""
    answer = service.stub.ExtractTemplate(request(single(service.modality)), timeout=60)
    alone = extract(service, pictures.of(service.modality))
    compare = matching_pb2.CompareTemplatesRequest(probe=answer.template, references=[alone.template])
    (comparison,) = service.stub.CompareTemplates(compare).comparisons
    assert comparison.fmr < 0.01
    probe = sample_pb2.Sample(record=record_pb2.Record(data=single(service.modality)))
    found = service.stub.SearchGallery(
        matching_pb2.SearchGalleryRequest(probe=probe, gallery="default", max_candidate_count=1), timeout=60
    )
    assert len(found.candidates) <= 1


def test_one_of_several(service: Service) -> None:
    """A record of several samples of the modality is refused with their number, unless a position names one."""
    call = service.stub.ExtractTemplate
    assert "RECORD_UNSUPPORTED" == refused(call, request(several()), timeout=60)[1]
    assert ["record"] == fields_named(call, request(several()))
    if service.modality is not Modality.FACE:
        place = INDEX if service.modality is Modality.FINGERPRINT else RIGHT_EYE
        assert call(request(several(), place), timeout=60).HasField("template")


def test_a_record_of_another_modality(service: Service) -> None:
    """It holds nothing for this service; the error names the record, and in a search the probe's."""
    other = single(Modality.IRIS if service.modality is not Modality.IRIS else Modality.FACE)
    assert ["record"] == fields_named(service.stub.ExtractTemplate, request(other))
    search = matching_pb2.SearchGalleryRequest(probe=sample_pb2.Sample(record=record_pb2.Record(data=other)))
    assert ["probe.record"] == fields_named(service.stub.SearchGallery, search)


def test_an_image_and_a_record(service: Service) -> None:
    """Only one of both can be meant."""
    both = request(single(service.modality), image=sample_pb2.Image(data=pictures.of(service.modality)))
    assert ["record"] == fields_named(service.stub.ExtractTemplate, both)


@pytest.mark.parametrize("data", [b"", b"FMR\x00", b"no record"], ids=["empty", "cut off", "text"])
def test_what_is_no_record(service: Service, data: bytes) -> None:
    """Bytes that are no record are refused, and the field is named."""
    assert ["record"] == fields_named(service.stub.ExtractTemplate, request(data))


def test_a_slap_to_a_matching_service(service: Service) -> None:
    """The fingerprint service points to ExtractFingers; to the others it is no sample at all."""
    data = made.nist_slap(made.slap().gray)
    assert "RECORD_UNSUPPORTED" == refused(service.stub.ExtractTemplate, request(data), timeout=60)[1]
    assert ["record"] == fields_named(service.stub.ExtractTemplate, request(data))
    probe = sample_pb2.Sample(record=record_pb2.Record(data=data))
    search = matching_pb2.SearchGalleryRequest(probe=probe)
    assert ["probe.record"] == fields_named(service.stub.SearchGallery, search)


def test_a_picture_that_cannot_be_decoded(service: Service) -> None:
    """What is wrong with the picture of a record is said of the record, as nothing else was sent."""
    match service.modality:
        case Modality.FACE:
            data = made.face_records(asset("portrait-hopper"))[RecordFormat.ISO_19794_5_2011]
            data = data.replace(asset("portrait-hopper"), b"x" * len(asset("portrait-hopper")))
        case Modality.FINGERPRINT:
            data = fir_2011(made.filed(made.finger(1), 2, b"no picture", made.PNG_FINGER))
        case Modality.IRIS:
            data = iir_2011(made.filed(made.eye(1), 1, b"no picture", 14))
    probe = sample_pb2.Sample(record=record_pb2.Record(data=data))
    assert ["record"] == fields_named(service.stub.ExtractTemplate, request(data))
    search = matching_pb2.SearchGalleryRequest(probe=probe)
    assert ["probe.record"] == fields_named(service.stub.SearchGallery, search)
    score = matching_pb2.ScoreSubjectsRequest(probe=probe, subject_ids=["somebody"])
    assert ["probe.record"] == fields_named(service.stub.ScoreSubjects, score)
