"""Requests → what the use cases take."""

from __future__ import annotations

import re
from collections.abc import Iterator

from biofusion.review.v1 import review_pb2

from biometrics.errors import FieldInvalid
from gallery.subject import check_id
from infra.requests.idempotence import check_request_id, digest_of
from infra.requests.times import time_from_wire
from infra.wire.convert import MODALITIES
from infra.wire.field_paths import at
from review.case import Role
from review.reviewing.opening import NewCase
from review.wire.convert import ROLES

MOST_SAMPLES, MOST_REFERENCE, MOST_IMAGE = 64, 512, 8 << 20
MOST_EVIDENCE = 512 * 1024
"""Most bytes of decision and samples, so that they fit into a document."""
REFERENCE = re.compile(r"[A-Za-z0-9._:/+@=-]{0,128}")

_SIDES = {
    review_pb2.REVIEW_SIDE_PROBE: "probe_samples",
    review_pb2.REVIEW_SIDE_CANDIDATE: "candidate_samples",
}


def new_case_from_wire(request: review_pb2.CreateReviewCaseRequest, opened_by: str) -> NewCase:
    """The case that is to be opened.

    Raises:
        FieldInvalid: a field is missing or has a value that cannot be used.
    """
    if not request.HasField("decision"):
        raise FieldInvalid("decision", "the decision that is to be reviewed is needed, as it was answered.")
    if not REFERENCE.fullmatch(request.caller_reference):
        raise FieldInvalid("caller_reference", "up to 128 letters, digits and . _ : / + @ = - are allowed.")
    for field in _SIDES.values():
        _check_samples(field, getattr(request, field))
    return NewCase(
        request_id=check_request_id(request.request_id),
        digest=_digest(request),
        subject_id=check_id(request.subject_id, "subject_id"),
        probe_subject_id=check_id(request.probe_subject_id, "probe_subject_id") if request.probe_subject_id else "",
        evidence=evidence_bytes(request),
        contents=dict(_contents(request)),
        gallery=check_id(request.gallery, "gallery") if request.gallery else "",
        caller_reference=request.caller_reference,
        opened_by=opened_by,
        callback=request.callback,
        priority=request.priority if request.HasField("priority") else None,
        due_time=_seconds(request, "due_time"),
        sealed_expire_time=_seconds(request, "sealed_expire_time"),
    )


def evidence_bytes(request: review_pb2.CreateReviewCaseRequest) -> bytes:
    """What a case is about, without anything that is sealed or names the subject.

    Raises:
        FieldInvalid: it is too long.
    """
    about = review_pb2.CreateReviewCaseRequest(decision=request.decision)
    if request.HasField("rank"):
        about.rank = request.rank
    if request.HasField("posterior"):
        about.posterior = request.posterior
    for field in _SIDES.values():
        for each in getattr(request, field):
            getattr(about, field).add(
                modality=each.modality,
                position=each.position,
                image_reference=each.image_reference,
                has_image=bool(each.image),
                has_template=each.HasField("template"),
            )
    body = about.SerializeToString()
    if len(body) > MOST_EVIDENCE:
        raise FieldInvalid("decision", f"decision and samples have {len(body)} bytes; {MOST_EVIDENCE} are allowed.")
    return body


def place_of(side: str, index: int, kind: str) -> str:
    """The place of what is sealed of a sample.

    Args:
        side: field of the samples.
        index: of the sample.
        kind: "image" or "template".
    """
    return f"{side}-{index}-{kind}"


def side_from_wire(side: review_pb2.ReviewSide.ValueType) -> str:
    """The field of the samples of a side. Raises FieldInvalid."""
    if side not in _SIDES:
        raise FieldInvalid("side", "REVIEW_SIDE_PROBE or REVIEW_SIDE_CANDIDATE must be stated.")
    return _SIDES[side]


def role_from_wire(role: review_pb2.ReviewRole.ValueType) -> Role:
    """The role; REVIEWER if none is stated. Raises FieldInvalid."""
    return ROLES.from_wire(role) if role else Role.REVIEWER


def _check_samples(field: str, samples: object) -> None:
    listed: list[review_pb2.ReviewSample] = list(samples)  # type: ignore[call-overload]  # a repeated field
    if len(listed) > MOST_SAMPLES:
        raise FieldInvalid(field, f"at most {MOST_SAMPLES} are allowed, {len(listed)} were sent.")
    for index, each in enumerate(listed):
        with at(f"{field}[{index}]"):
            _check_sample(each)


def _check_sample(sample: review_pb2.ReviewSample) -> None:
    with at("modality"):
        MODALITIES.from_wire(sample.modality)
    reference = sample.image_reference
    if len(reference) > MOST_REFERENCE or not (reference.isascii() and (not reference or reference.isprintable())):
        raise FieldInvalid("image_reference", f"up to {MOST_REFERENCE} printable ASCII characters are allowed.")
    if len(sample.image) > MOST_IMAGE:
        raise FieldInvalid("image", f"it has {len(sample.image)} bytes; {MOST_IMAGE} are allowed.")


def _contents(request: review_pb2.CreateReviewCaseRequest) -> Iterator[tuple[str, bytes]]:
    for field in _SIDES.values():
        for index, each in enumerate(getattr(request, field)):
            if each.image:
                yield place_of(field, index, "image"), each.image
            if each.HasField("template"):
                yield place_of(field, index, "template"), each.template.SerializeToString()


def _digest(request: review_pb2.CreateReviewCaseRequest) -> str:
    """Of all but the decision, which a search that is repeated may give with other numbers."""
    same = review_pb2.CreateReviewCaseRequest()
    same.CopyFrom(request)
    for field in ("decision", "rank", "posterior"):
        same.ClearField(field)
    return digest_of([same.SerializeToString(deterministic=True)])


def _seconds(request: review_pb2.CreateReviewCaseRequest, field: str) -> float | None:
    time = time_from_wire(request, field)
    return time.timestamp() if time else None
