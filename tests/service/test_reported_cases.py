"""Inputs that were once handled wrongly, end to end; skipped without the files."""

from __future__ import annotations

import uuid
from pathlib import Path

import grpc
import pytest
from biofusion.fusion.v1 import decisions_pb2, subjects_pb2
from biofusion.type.v1 import decision_pb2, modality_pb2, sample_pb2

from cli.stubs import FusionStubs
from infra.models.model_cache import asset
from infra.wire.status import error_info

pytestmark = pytest.mark.data

Stub = FusionStubs
FACE, FINGER, IRIS = modality_pb2.MODALITY_FACE, modality_pb2.MODALITY_FINGERPRINT, modality_pb2.MODALITY_IRIS
INDEX, LEFT, RIGHT = modality_pb2.POSITION_RIGHT_INDEX, modality_pb2.POSITION_LEFT_EYE, modality_pb2.POSITION_RIGHT_EYE
Named = tuple[str, int]
"""A file of the cases, and the position it is sent with."""


@pytest.fixture(scope="module")
def cases(shared_data: Path) -> Path:
    """The folder of the cases."""
    folder = shared_data.parent / "cases"
    if not folder.is_dir():
        pytest.skip("the reported cases are not here")
    return folder


def sample(modality: int, data: bytes, position: int) -> sample_pb2.Sample:
    """An image as a sample."""
    return sample_pb2.Sample(modality=modality, position=position, image=sample_pb2.Image(data=data))


@pytest.fixture(scope="module")
def people(channel: grpc.Channel, cases: Path) -> dict[int, str]:
    """Enrolled subjects by modality: a face, a finger, two eyes."""
    stub = Stub(channel)
    samples = {
        FACE: [sample(FACE, asset("portrait-hopper"), modality_pb2.POSITION_FACE)],
        FINGER: [sample(FINGER, (cases / "f1.png").read_bytes(), INDEX)],
        IRIS: [
            sample(IRIS, (cases / name).read_bytes(), position)
            for name, position in (("eyeR1.png", RIGHT), ("eyeL1.png", LEFT))
        ],
    }
    found = {modality: f"case-{uuid.uuid4()}" for modality in samples}
    for modality, subject in found.items():
        stub.subjects.EnrollSubject(
            subjects_pb2.EnrollSubjectRequest(
                request_id=str(uuid.uuid4()), subject_id=subject, samples=samples[modality]
            )
        )
    return found


@pytest.mark.parametrize(
    ("modality", "files", "outcome", "reasons"),
    [
        (FINGER, [("f2.png", INDEX)], "MATCH", set()),
        (FINGER, [("f2.png", INDEX)] * 2, "MATCH", {"SAME_SAMPLE_TWICE"}),
        (FINGER, [("f2.png", INDEX)] * 10, "MATCH", {"SAME_SAMPLE_TWICE"}),
        (FINGER, [("f2_rot180.png", INDEX)], "MATCH", set()),
        (FINGER, [("f1_12in16.png", INDEX)], "MATCH", set()),
        (FINGER, [("f1_dpi400tag.png", INDEX)], "REVIEW", {"POOR_QUALITY"}),
        (FINGER, [("f1_dpi600tag.png", INDEX)], "REVIEW", {"POOR_QUALITY"}),
        (FINGER, [("f1_360_untagged.png", INDEX)], "REVIEW", {"POOR_QUALITY"}),
        (FACE, [("gray12in16.png", 0)], "MATCH", set()),
        (FACE, [("exif9.jpg", 0)], "MATCH", set()),
        (FACE, [("two_faces.jpg", 0)], "MATCH", {"SEVERAL_FACES"}),
        (FACE, [("id_ghost_right.jpg", 0)], "MATCH", set()),
        (IRIS, [("eyeR2.png", RIGHT), ("eyeL2.png", LEFT)], "MATCH", set()),
        (IRIS, [("eyeR2.png", LEFT), ("eyeL2.png", RIGHT)], "REVIEW", {"POSITIONS_SWAPPED"}),
        (IRIS, [("eyeR2.png", LEFT)], "REVIEW", {"POSITIONS_SWAPPED"}),
        (IRIS, [("eyeR2_k7.jp2", RIGHT)], "MATCH", set()),
    ],
)
def test_case(
    fusion: Stub,
    cases: Path,
    people: dict[int, str],
    modality: int,
    files: list[Named],
    outcome: str,
    reasons: set[str],
) -> None:
    """Each case has the correct outcome, and its reasons name what is in doubt."""
    samples = [sample(modality, (cases / name).read_bytes(), position) for name, position in files]
    request = decisions_pb2.VerifySubjectRequest(subject_id=people[modality], samples=samples)
    decision = fusion.decisions.VerifySubject(request).decision
    said = {decision_pb2.DecisionReason.Name(each).removeprefix("DECISION_REASON_") for each in decision.reasons}
    assert (f"OUTCOME_{outcome}", True) == (decision_pb2.Outcome.Name(decision.outcome), reasons <= said)
    if modality == FINGER:
        assert all(each.resolution_dpi > 0 for each in decision.evidence)


@pytest.mark.parametrize("count", [2, 10])
def test_ten_copies_are_worth_one(fusion: Stub, cases: Path, people: dict[int, str], count: int) -> None:
    """Copies of a sample have the fused LLR of one."""
    data = (cases / "f2.png").read_bytes()
    one, many = (
        fusion.decisions.VerifySubject(
            decisions_pb2.VerifySubjectRequest(
                subject_id=people[FINGER], samples=[sample(FINGER, data, INDEX)] * number
            )
        ).decision.llr
        for number in (1, count)
    )
    assert one == pytest.approx(many)


def test_a_face_among_others_is_not_enrolled(fusion: Stub, cases: Path) -> None:
    """A face is refused beside a second one of comparable size, but not beside the ghost portrait of a document."""
    with pytest.raises(grpc.RpcError) as caught:
        _enrol(fusion, cases / "two_faces.jpg")
    assert "FACES_AMBIGUOUS" == error_info(caught.value.trailing_metadata()).reason
    _enrol(fusion, cases / "id_ghost_right.jpg")


def _enrol(fusion: Stub, path: Path) -> None:
    samples = [sample(FACE, path.read_bytes(), modality_pb2.POSITION_FACE)]
    request_id = str(uuid.uuid4())
    fusion.subjects.EnrollSubject(
        subjects_pb2.EnrollSubjectRequest(request_id=request_id, subject_id=f"case-{request_id}", samples=samples)
    )
