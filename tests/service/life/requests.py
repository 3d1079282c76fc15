"""Requests of the life cycle that its tests share."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from biofusion.fusion.v1 import decisions_pb2, subjects_pb2

from tests.service.fusion.requests import Stub, enrolment, eye, someone


def rid() -> str:
    """A new request id."""
    return str(uuid.uuid4())


def person(stub: Stub, identity: int, gallery: str = "", *encounters: str) -> str:
    """Enrol a subject with an encounter of each name, "first" if there is none; returns its id.

    Where a gallery is named, searches see the subject then.
    """
    subject_id, token = someone(), ""
    for number, encounter_id in enumerate(encounters or ("first",)):
        request = enrolment(
            subject_id,
            eye(identity, number % 3),
            encounter_id=encounter_id,
            add_encounter=number > 0,
            galleries=[gallery] if gallery and number == 0 else [],
        )
        token = stub.subjects.EnrollSubject(request, timeout=60).consistency_token
    if gallery:
        whom(stub, identity, gallery, token)
    return subject_id


def encounters(stub: Stub, subject_id: str, token: str = "") -> dict[str, subjects_pb2.Encounter]:
    """Those of a subject, by id."""
    request = subjects_pb2.GetSubjectRequest(subject_id=subject_id, consistency_token=token)
    return {each.encounter_id: each for each in stub.subjects.GetSubject(request).subject.encounters}


def galleries(stub: Stub, subject_id: str) -> list[str]:
    """Those that a subject is in."""
    return list(stub.subjects.GetSubject(subjects_pb2.GetSubjectRequest(subject_id=subject_id)).subject.galleries)


def whom(stub: Stub, identity: int, gallery: str, token: str = "") -> str:
    """Whom a search by another capture of an eye finds."""
    request = decisions_pb2.IdentifySubjectsRequest(
        samples=[eye(identity, 4)], gallery=gallery, consistency_token=token
    )
    return stub.decisions.IdentifySubjects(request, timeout=60).subject_id


def of(subject_id: str, encounter_id: str = "first", **fields: Any) -> dict[str, Any]:
    """The fields of most requests about an encounter."""
    return {"request_id": rid(), "subject_id": subject_id, "encounter_id": encounter_id, **fields}


def repeated(call: Callable[..., Any], request: Any) -> tuple[Any, Any]:
    """The answers to a request and to its repetition, which must be equal but for `replayed`."""
    first, again = call(request, timeout=60), call(request, timeout=60)
    assert (False, True) == (first.replayed, again.replayed)
    if hasattr(first, "consistency_token"):
        assert first.consistency_token == again.consistency_token != ""
    return first, again
