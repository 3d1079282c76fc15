"""Records that lie, are cut off, or attack: each is refused at once, by name, and the services go on."""

from __future__ import annotations

import random

import grpc
import pytest
from biofusion.fusion.v1 import subjects_pb2

from biometrics.template import Modality, Position
from formats.cbeff.write import DataBlock
from formats.cbeff.write import write as write_cbeff
from formats.contents import RecordFormat
from infra.models.model_cache import asset
from infra.wire.status import error_info
from tests.service import pictures
from tests.service.fusion.requests import INVALID, Stub, fields_named, refused
from tests.service.records.requests import print_of, record
from tests.support.records import of_pictures as made
from tests.support.records.image_records import (
    Shown,
    fir_2011,
)

INDEX, LEFT = Position.RIGHT_INDEX, Position.LEFT_EYE
REFUSALS = {INVALID, grpc.StatusCode.FAILED_PRECONDITION}


def request(*data: bytes, stated: RecordFormat | None = None) -> subjects_pb2.CheckQualityRequest:
    """A call with records."""
    return subjects_pb2.CheckQualityRequest(samples=[record(each, stated) for each in data])


@pytest.fixture(scope="module")
def sound(channel: object) -> dict[str, bytes]:
    """A small record of each kind that is read."""
    portrait = asset("portrait-hopper")
    records = {
        **{f"finger {name}": data for name, data in made.finger_records(made.finger(1), INDEX).items()},
        **{f"eye {name}": data for name, data in made.eye_records(made.eye(1), LEFT).items()},
        **{f"face {name}": data for name, data in made.face_records(portrait).items()},
    }
    block = DataBlock(made.finger_records(made.finger(1), INDEX)[RecordFormat.ISO_19794_4_2011], INDEX)
    return {**records, "document": write_cbeff([block], [(Modality.IRIS, LEFT)]).strip()}


def outcome_of(stub: Stub, data: bytes) -> tuple[grpc.StatusCode, str]:
    """Status code of a check of its quality, and the reason of an error."""
    try:
        stub.subjects.CheckQuality(request(data), timeout=60)
    except grpc.RpcError as error:
        return error.code(), error_info(error.trailing_metadata()).reason
    return grpc.StatusCode.OK, "none"


def test_every_sound_record_is_read(fusion: Stub, sound: dict[str, bytes]) -> None:
    """What is damaged below can be used as it is."""
    for data in sound.values():
        assert fusion.subjects.CheckQuality(request(data), timeout=60).reports[0].is_sufficient


def test_truncated_records(fusion: Stub, sound: dict[str, bytes]) -> None:
    """Cut off anywhere, no record is used; the error names it by its place."""
    for name, data in sound.items():
        head = range(0, 100, 9)
        cuts = [*head, *(len(data) * part // 7 for part in range(1, 7)), len(data) - 1]
        for cut in cuts:
            fields = fields_named(fusion.subjects.CheckQuality, request(data[:cut]))
            assert ["samples[0].record"] == fields, (name, cut)


def test_mutated_records(fusion: Stub, sound: dict[str, bytes]) -> None:
    """Of changed bytes in the headers comes a result or a named refusal, never a fault of the service."""
    draw = random.Random(16)
    for name, data in sound.items():
        for _ in range(25):
            changed = bytearray(data)
            for _ in range(draw.randint(1, 3)):
                changed[draw.randrange(min(len(data), 160))] = draw.choice((0, 1, 0x7F, 0x80, 0xFF))
            code, reason = outcome_of(fusion, bytes(changed))
            assert code in {grpc.StatusCode.OK, *REFUSALS}, (name, reason)
            assert reason, name


ENTITY = b'<?xml version="1.0"?><!DOCTYPE BIR [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">]><BIR>&b;</BIR>'
XML = {
    "a document type with entities": ENTITY,
    "an external document type": b'<!DOCTYPE BIR SYSTEM "file:///etc/passwd"><BIR/>',
    "an external entity": b'<!DOCTYPE BIR [<!ENTITY x SYSTEM "file:///etc/passwd">]><BIR>&x;</BIR>',
    "an unknown entity": b"<BIR>&x;</BIR>",
    "10,000 nested blocks": b"<BIR>" * 10_000 + b"</BIR>" * 10_000,
    "10,000 blocks that do not end": b"<BIR>" * 10_000,
    "200,000 elements": b"<BIR>" + b"<BIR/>" * 200_000 + b"</BIR>",
    "a tag without an end": b"<BIR " + b"a='1' " * 100_000,
    "no closing tag": b"<BIR><BDB>",
    "a data block that is no base64": b"<BIR><BDB>!!!!</BDB></BIR>",
    "no element": b"<",
    "bytes that are no text": b"<BIR>\xff\xfe\xfd</BIR>",
}


@pytest.mark.parametrize("name", XML)
def test_documents_that_attack(fusion: Stub, name: str) -> None:
    """Entities, document types and depth are refused before anything is made of them; nothing is read from disk."""
    code, reason = refused(fusion.subjects.CheckQuality, request(XML[name]))
    assert (INVALID, True) == (code, reason in {"RECORD_MALFORMED", "RECORD_UNSUPPORTED"})
    assert ["samples[0].record"] == fields_named(fusion.subjects.CheckQuality, request(XML[name]))


def test_a_data_block_of_another_modality_than_its_header(fusion: Stub) -> None:
    """An eye under a header of a finger is refused, whatever is asked for."""
    eye = made.eye_records(made.eye(1), LEFT)[RecordFormat.ISO_19794_6_2011]
    document = write_cbeff([DataBlock(eye, LEFT)])
    lying = document.replace(b"<Type>Iris</Type>", b"<Type>Finger</Type>").replace(b"<Subtype>Left</Subtype>", b"")
    assert lying != document
    assert (INVALID, "RECORD_MALFORMED") == refused(fusion.subjects.CheckQuality, request(lying))


def test_a_format_that_is_not_that_of_the_bytes(fusion: Stub, sound: dict[str, bytes]) -> None:
    """A stated format that contradicts the bytes, or that this version does not know, is refused."""
    data = sound[f"finger {RecordFormat.ISO_19794_4_2011}"]
    call = fusion.subjects.CheckQuality
    assert (INVALID, "RECORD_MALFORMED") == refused(call, request(data, stated=RecordFormat.ISO_19794_4_2005))
    unknown = request(data)
    unknown.samples[0].record.format = 99
    assert ["samples[0].record.format"] == fields_named(call, unknown)


def test_a_picture_that_cannot_be_decoded(either: Stub) -> None:
    """The error names the record, whether the matching service was called directly or over gRPC."""
    broken = fir_2011(made.filed(made.finger(1), 2, b"no picture", made.PNG_FINGER))
    asked = subjects_pb2.CheckQualityRequest(samples=[print_of(pictures.png(made.finger(1)), INDEX), record(broken)])
    assert (INVALID, "IMAGE_UNDECODABLE") == refused(either.subjects.CheckQuality, asked)
    assert ["samples[1].record"] == fields_named(either.subjects.CheckQuality, asked)
    slap = subjects_pb2.CheckQualityRequest(
        samples=[record(fir_2011(made.filed(made.finger(1), 13, b"no picture", made.PNG_FINGER)))]
    )
    assert ["samples[0].record"] == fields_named(either.subjects.CheckQuality, slap)


def test_too_many_samples_of_records(fusion: Stub) -> None:
    """64 samples are the most, however they come: 11 of one finger, and 65 in all, are refused."""
    small = Shown(code=2)
    assert ["samples"] == fields_named(fusion.subjects.CheckQuality, request(fir_2011(*[small] * 11)))
    shown = [Shown(code=1 + number % 10) for number in range(65)]
    assert ["samples"] == fields_named(fusion.subjects.CheckQuality, request(fir_2011(*shown)))
    assert ["samples"] == fields_named(fusion.subjects.CheckQuality, request(*[fir_2011(*shown[:13])] * 5))
