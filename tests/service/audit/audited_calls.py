"""Calls to a server that keeps an audit log, and what the log has of them."""

from __future__ import annotations

import uuid
from base64 import b64decode
from pathlib import Path
from typing import Any

from biofusion.type.v1 import modality_pb2, sample_pb2
from google.protobuf.message import Message

from audit.keyed_hashes import HashKeys
from audit.reading import Record, records
from cli.stubs import FusionStubs
from infra.identity.intent import Intent
from infra.serving.request_ids import REQUEST_ID_HEADER
from tests.service.fusion.requests import enrolment, someone
from tests.service.jobs.job_requests import face

INTENT = Intent("border-control", "case-7", "officer-3")


def known(stub: FusionStubs, number: int, **fields: Any) -> str:
    """Enrol the face of a number; returns the subject's id."""
    subject = someone()
    stub.subjects.EnrollSubject(enrolment(subject, another_face(number), **fields), timeout=60)
    return subject


def another_face(number: int, noise: float = 0.0) -> sample_pb2.Sample:
    """Another capture of the face of a number, as a template."""
    row = face(number, noise)
    template = sample_pb2.Template(model_id=row["model_id"], data=b64decode(row["template"]))
    return sample_pb2.Sample(modality=modality_pb2.MODALITY_FACE, template=template, template_quality=row["quality"])


def asked(call: Any, request: Message) -> tuple[Any, str]:
    """The answer to a call with an intent and a request id, and that id."""
    request_id = str(uuid.uuid4())
    metadata = (*INTENT.metadata, (REQUEST_ID_HEADER, request_id))
    return call(request, metadata=metadata, timeout=60), request_id


def recorded(place: Path, request_id: str) -> Record:
    """The one record of a call."""
    (found,) = (each for each in records(place / "log") if each.fields.get("id") == request_id)
    return found


def hashed(place: Path, subject_id: str) -> str:
    """What stands for a subject."""
    return HashKeys.load(place / "hash.keys").present.hash("subject", subject_id)
