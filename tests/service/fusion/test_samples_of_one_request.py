"""Samples sent twice or with the wrong position, over gRPC, with real models."""

from __future__ import annotations

import io
import uuid
from collections.abc import Sequence

import pytest
from biofusion.fusion.v1 import decisions_pb2, fusion_models_pb2, subjects_pb2
from biofusion.type.v1 import decision_pb2, modality_pb2, sample_pb2
from PIL import Image

from cli.stubs import FusionStubs
from tests.service import pictures

Stub = FusionStubs
LEFT, RIGHT = modality_pb2.POSITION_LEFT_EYE, modality_pb2.POSITION_RIGHT_EYE


def eye(data: bytes, position: modality_pb2.Position.ValueType) -> sample_pb2.Sample:
    """An eye as a sample."""
    return sample_pb2.Sample(modality=modality_pb2.MODALITY_IRIS, position=position, image=sample_pb2.Image(data=data))


def encoded_anew(data: bytes) -> bytes:
    """The image as a JPEG, 3 px cropped off two sides."""
    file, image = io.BytesIO(), Image.open(io.BytesIO(data))
    image.crop((3, 3, *image.size)).save(file, "JPEG", quality=90)
    return file.getvalue()


@pytest.fixture
def subject(fusion: Stub) -> str:
    """An enrolled subject with two eyes."""
    subject_id = f"s-{uuid.uuid4()}"
    samples = [eye(pictures.eye(14, 0), LEFT), eye(pictures.eye(15, 0), RIGHT)]
    fusion.subjects.EnrollSubject(
        subjects_pb2.EnrollSubjectRequest(request_id=str(uuid.uuid4()), subject_id=subject_id, samples=samples)
    )
    return subject_id


def verified(fusion: Stub, subject: str, samples: Sequence[sample_pb2.Sample]) -> decision_pb2.Decision:
    """The decision about the subject."""
    return fusion.decisions.VerifySubject(
        decisions_pb2.VerifySubjectRequest(subject_id=subject, samples=samples)
    ).decision


def test_a_capture_sent_again_adds_nothing(fusion: Stub, subject: str) -> None:
    """The same file, or a re-encoded crop of it, leaves the LLR at that of one sample, and the reason is stated."""
    data = pictures.eye(14, 1)
    alone = verified(fusion, subject, [eye(data, LEFT)])
    twice = verified(fusion, subject, [eye(data, LEFT), eye(data, LEFT)])
    anew = verified(fusion, subject, [eye(data, LEFT), eye(encoded_anew(data), LEFT)])

    assert alone.llr == pytest.approx(twice.llr)
    assert anew.llr <= alone.llr + 0.1
    assert decision_pb2.DECISION_REASON_SAME_SAMPLE_TWICE in twice.reasons
    (likeness,) = twice.evidence[0].likenesses
    assert (1, 1.0) == (likeness.sample_index, likeness.rho)
    assert decision_pb2.SAMPLE_RELATION_SAME_SAMPLE == likeness.relation
    assert likeness.comparison.score > twice.evidence[0].comparison.score


def test_one_eye_sent_as_both_counts_as_one(fusion: Stub, subject: str) -> None:
    """One eye sent as left and right counts as one, and the reason is stated."""
    decision = verified(fusion, subject, [eye(pictures.eye(14, 1), LEFT), eye(pictures.eye(14, 2), RIGHT)])
    assert decision_pb2.DECISION_REASON_POSITIONS_ALIKE in decision.reasons
    assert decision.llr <= max(each.comparison.llr for each in decision.evidence)


def test_swapped_eyes_are_for_review(fusion: Stub, subject: str) -> None:
    """Swapped left and right eyes give REVIEW with the reason, and the evidence shows which eyes matched."""
    decision = verified(fusion, subject, [eye(pictures.eye(15, 1), LEFT), eye(pictures.eye(14, 1), RIGHT)])
    assert decision_pb2.OUTCOME_REVIEW == decision.outcome
    assert decision_pb2.DECISION_REASON_POSITIONS_SWAPPED == decision.reasons[0]
    assert [(LEFT, RIGHT), (RIGHT, LEFT)] == [(each.position, each.reference_position) for each in decision.evidence]


def test_the_model_states_its_reach(fusion: Stub) -> None:
    """The model states the LLRs that one and two eyes can reach, and the number of people behind them."""
    model = fusion.models.GetFusionModel(fusion_models_pb2.GetFusionModelRequest()).model
    reach = {(each.face_count, each.fingerprint_count, each.iris_count): each for each in model.reaches}
    (iris,) = (each for each in model.calibrations if each.comparator_id.startswith("iris"))
    assert pytest.approx(iris.max_llr) == reach[0, 0, 1].max_llr
    assert reach[0, 0, 2].max_llr > reach[0, 0, 1].max_llr
    assert reach[0, 0, 1].largest_gallery < reach[0, 0, 2].largest_gallery
