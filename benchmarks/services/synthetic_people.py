"""Synthetic people with a face, a finger and an iris to enrol, and another capture of each to verify."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import numpy as np
from biofusion.fusion.v1 import decisions_pb2, subjects_pb2
from biofusion.type.v1 import sample_pb2

from benchmarks.face import synthetic_faces as faces
from benchmarks.fingerprint import synthetic_fingers as fingers
from benchmarks.iris import synthetic_irises as irises
from biometrics.sample import Sample
from biometrics.template import Modality, Position, Template
from infra.wire.convert import sample_to_wire
from services.face.template.features import PAIR_DIMENSIONS, pack

POSITIONS = {
    Modality.FACE: Position.FACE,
    Modality.FINGERPRINT: Position.RIGHT_INDEX,
    Modality.IRIS: Position.LEFT_EYE,
}
QUALITY = 80.0
FACE_NOISE = 0.06


def enrolment(number: int, modalities: Sequence[Modality]) -> subjects_pb2.EnrollSubjectRequest:
    """The request that enrols a person."""
    return subjects_pb2.EnrollSubjectRequest(
        request_id=str(uuid.uuid4()),
        subject_id=f"person-{number}",
        samples=[_sample(modality, captures(modality, number)[0]) for modality in modalities],
    )


def verification(number: int, modalities: Sequence[Modality]) -> decisions_pb2.VerifySubjectRequest:
    """The request that verifies a person by another capture."""
    samples = [_sample(modality, captures(modality, number)[1]) for modality in modalities]
    return decisions_pb2.VerifySubjectRequest(subject_id=f"person-{number}", samples=samples)


def captures(modality: Modality, number: int) -> tuple[Template, Template]:
    """Two captures of a person; fingerprints are equal, faces and irises differ as real captures do."""
    match modality:
        case Modality.FACE:
            vector = faces.unit(1, number)
            noise = np.random.default_rng(number).standard_normal(PAIR_DIMENSIONS, np.float32) * np.float32(FACE_NOISE)
            return pack(vector[0]), pack(faces.equal_halves(vector + noise)[0])
        case Modality.FINGERPRINT:
            return fingers.finger(number), fingers.finger(number)
    codes, masks = irises.random_codes(1, number)
    other = irises.another_image(codes[0], masks[0], 2, number)
    return irises.template(codes[0], masks[0]), irises.template(*other)


def _sample(modality: Modality, template: Template) -> sample_pb2.Sample:
    return sample_to_wire(Sample(modality, POSITIONS[modality], template, QUALITY))
