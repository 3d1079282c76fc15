"""What a server's audit log never says, whatever it is sent."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import grpc
from biofusion.fusion.v1 import (
    decisions_pb2,
    encounters_pb2,
    fusion_models_pb2,
    galleries_pb2,
    jobs_pb2,
    subjects_pb2,
)
from biofusion.review.v1 import review_pb2
from google.longrunning import operations_pb2
from google.protobuf.message import Message

from audit.reading import records
from audit.signing import public_keys
from audit.verification import verify
from cli.stubs import FusionStubs
from fusion.wire.witness.export import readable
from fusion.wire.witness.fields import HOW, How
from tests.service.audit.audited_calls import another_face
from tests.service.fusion.requests import enrolment

OF_PEOPLE = (decisions_pb2, encounters_pb2, galleries_pb2, subjects_pb2)
OTHERS = (fusion_models_pb2, jobs_pb2, operations_pb2, review_pb2)
SERVICES = [each for module in (*OF_PEOPLE, *OTHERS) for each in module.DESCRIPTOR.services_by_name.values()]
METHODS = [method for service in SERVICES for method in service.methods]
MARK = "MARKERxOFxAxPERSON"


def test_nothing_of_a_person_is_in_the_log(fusion: FusionStubs, place: Path, address: str) -> None:
    """After calls of every method, and after some that succeed, no id, template, image, file name or other text is."""
    subject, encounter = f"{MARK}-{uuid.uuid4()}", f"{MARK}-encounter"
    fusion.subjects.EnrollSubject(enrolment(subject, another_face(30), encounter_id=encounter), timeout=60)
    verification = decisions_pb2.VerifySubjectRequest(subject_id=subject, samples=[another_face(30, 0.02)])
    fusion.decisions.VerifySubject(verification, timeout=60)
    whom = encounters_pb2.GetEncounterRequest(subject_id=subject, encounter_id=encounter)
    fusion.encounters.GetEncounter(whom)
    before = [each.fields.get("method") for each in records(place / "log")]
    with grpc.insecure_channel(address) as channel:
        for service in SERVICES:
            for method in service.methods:
                call = channel.unary_stream(f"/{service.full_name}/{method.name}")
                request = _filled(method.input_type._concrete_class())
                with suppress(grpc.RpcError):  # most of them refuse it
                    next(iter(call(request.SerializeToString(), timeout=5)))
    told = [each.fields.get("method") for each in records(place / "log")][len(before) :]
    assert [f"/{each.containing_service.full_name}/{each.name}" for each in METHODS] == told
    text = json.dumps([readable(each) for each in records(place / "log")])
    template = another_face(30).template.data
    assert MARK not in text
    assert not any(MARK.encode() in path.read_bytes() for path in (place / "log" / "one").iterdir())
    assert not any(template[:12] in path.read_bytes() for path in (place / "log" / "one").iterdir())
    assert () == verify(place / "log", public_keys((place / "signing.pem.pub",))).faults


def _filled(message: Message, depth: int = 0) -> Message:
    """The message with the mark in all texts and bytes, but for fields that are recorded as they are."""
    for field in message.DESCRIPTOR.fields:
        if HOW.get(field.name) is How.PLAIN:
            continue
        if field.message_type is not None and depth < 3 and field.containing_oneof is None:
            inner = getattr(message, field.name)
            _filled(inner.add() if field.is_repeated else inner, depth + 1)
        elif field.type in (field.TYPE_STRING, field.TYPE_BYTES):
            value: Any = MARK if field.type == field.TYPE_STRING else MARK.encode()
            setattr(message, field.name, value) if not field.is_repeated else getattr(message, field.name).append(value)
    return message


def _fields(message: Any) -> Iterator[str]:
    for field in message.fields:
        yield field.name
        if HOW.get(field.name) is How.WITHIN:
            yield from _fields(field.message_type)


def test_every_field_is_decided_about() -> None:
    """The table has all fields of the requests and answers of fusion's methods, and no other."""
    told = {name for each in METHODS for kind in (each.input_type, each.output_type) for name in _fields(kind)}
    streamed = {"kind", "subject_name"}
    assert told - streamed == set(HOW)
