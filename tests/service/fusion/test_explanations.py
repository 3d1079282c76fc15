"""What fusion shows of a sample and a subject, with real models and store; in one process, and by services apart."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import grpc
import pytest
from biofusion.fusion.v1 import decisions_pb2, encounters_pb2, subjects_pb2
from biofusion.type.v1 import decision_pb2, modality_pb2, sample_pb2
from click.testing import CliRunner

from cli.main import cli
from tests.service import pictures
from tests.service.fusion.requests import INVALID, Stub, enrolment, eye, fields_named, refused, someone

LEFT, RIGHT = modality_pb2.POSITION_LEFT_EYE, modality_pb2.POSITION_RIGHT_EYE
FINGER, IRIS, FACE = modality_pb2.MODALITY_FINGERPRINT, modality_pb2.MODALITY_IRIS, modality_pb2.MODALITY_FACE
THUMB = modality_pb2.POSITION_RIGHT_THUMB
Request = decisions_pb2.ExplainEvidenceRequest


def finger(name: str) -> sample_pb2.Sample:
    """A print as a sample."""
    image = sample_pb2.Image(data=pictures.asset(name), resolution_dpi=500)
    return sample_pb2.Sample(modality=FINGER, position=THUMB, image=image)


def face(name: str) -> sample_pb2.Sample:
    """A portrait as a sample."""
    return sample_pb2.Sample(modality=FACE, image=sample_pb2.Image(data=pictures.asset(name)))


def probe(subject_id: str, encounter_id: str = "") -> decisions_pb2.EnrolledProbe:
    """An enrolled encounter."""
    return decisions_pb2.EnrolledProbe(subject_id=subject_id, encounter_id=encounter_id)


def enrolled(stub: Stub, *samples: sample_pb2.Sample, **fields: object) -> str:
    """A new subject."""
    subject = someone()
    stub.subjects.EnrollSubject(enrolment(subject, *samples, **fields), timeout=60)
    return subject


@pytest.fixture(scope="module")
def person(channel: grpc.Channel) -> str:
    """A subject with a face, a finger, and both eyes, and a second encounter with one of the eyes."""
    stub = Stub(channel)
    samples = (face("portrait-hopper"), finger("finger-1"), eye(70, 0, LEFT), eye(71, 0, RIGHT))
    subject = enrolled(stub, *samples, encounter_id="first")
    again = enrolment(subject, eye(70, 1, LEFT), encounter_id="second", add_encounter=True)
    stub.subjects.EnrollSubject(again, timeout=60)
    return subject


def test_it_explains_the_evidence_of_the_decision(either: Stub, person: str) -> None:
    """Each sample's evidence is that of a verification with it, and what is shown has the same score exactly."""
    for sample, findings in (
        (face("portrait-astronaut"), "face"),
        (finger("finger-2"), "fingerprint"),
        (eye(70, 2, LEFT), "iris"),
    ):
        verification = decisions_pb2.VerifySubjectRequest(subject_id=person, samples=[sample])
        decision = either.decisions.VerifySubject(verification, timeout=60).decision
        (evidence,) = (each for each in decision.evidence if each.status == decision_pb2.EVIDENCE_STATUS_COMPARED)
        found = either.decisions.ExplainEvidence(Request(subject_id=person, sample=sample), timeout=60)
        assert evidence == found.evidence
        assert found.evidence.comparison.score == found.explanation.comparison.score
        assert findings == found.explanation.WhichOneof("findings")
        assert 0 < found.reference_quality <= 100
        assert not found.reference_quality_is_claimed


def test_encounter_and_position_choose_the_sample(fusion: Stub, person: str) -> None:
    """Without an encounter the best one is explained; a position may be another than the probe's own."""
    ask = fusion.decisions.ExplainEvidence
    best = ask(Request(subject_id=person, sample=eye(70, 1, LEFT)))
    assert ("second", 2) == (best.encounter_id, best.evidence.comparison_count)
    assert 0 == best.explanation.iris.differing_count
    first = ask(Request(subject_id=person, sample=eye(70, 1, LEFT), encounter_id="first"))
    assert ("first", 1) == (first.encounter_id, first.evidence.comparison_count)
    assert 0 < first.explanation.iris.differing_count
    crossed = ask(Request(subject_id=person, sample=eye(71, 0, LEFT), reference_position=RIGHT))
    assert (RIGHT, 0) == (crossed.evidence.reference_position, crossed.explanation.iris.differing_count)


def test_an_enrolled_encounter_may_be_the_probe(fusion: Stub, person: str) -> None:
    """Two subjects of one person are compared without an image; the best of the samples asked for counts."""
    twin = enrolled(fusion, eye(70, 3, LEFT), eye(71, 3, RIGHT), finger("finger-1"), encounter_id="only")
    ask = fusion.decisions.ExplainEvidence
    both = ask(Request(subject_id=person, enrolled_probe=probe(twin), modality=IRIS))
    right = ask(Request(subject_id=person, enrolled_probe=probe(twin, "only"), modality=IRIS, position=RIGHT))
    left = ask(Request(subject_id=person, enrolled_probe=probe(twin, "only"), modality=IRIS, position=LEFT))
    assert [RIGHT, LEFT] == [each.evidence.position for each in (right, left)]
    assert max(right.evidence.comparison.llr, left.evidence.comparison.llr) == both.evidence.comparison.llr
    prints = ask(Request(subject_id=person, enrolled_probe=probe(twin), modality=FINGER)).explanation.fingerprint
    assert prints.probe == prints.reference
    assert len(prints.probe.minutiae) == len(prints.pairs)


def test_what_cannot_be_explained_is_refused_by_name(fusion: Stub, person: str) -> None:
    """Subjects and encounters that are not there, or no longer; samples without a counterpart; faulty requests."""
    missing, condition = grpc.StatusCode.NOT_FOUND, grpc.StatusCode.FAILED_PRECONDITION
    ask, sample = fusion.decisions.ExplainEvidence, eye(70, 0, LEFT)
    asleep, erased = enrolled(fusion, sample, encounter_id="e"), enrolled(fusion, sample)
    ids = {"subject_id": asleep, "encounter_id": "e", "request_id": str(uuid.uuid4())}
    fusion.encounters.DeactivateEncounter(encounters_pb2.DeactivateEncounterRequest(**ids))
    gone = subjects_pb2.DeleteSubjectRequest(subject_id=erased, request_id=str(uuid.uuid4()))
    fusion.subjects.DeleteSubject(gone)
    other_model = sample_pb2.Sample(modality=IRIS, template=sample_pb2.Template(model_id="older-1", data=b"x"))
    blank = sample_pb2.Sample(modality=FACE, image=sample_pb2.Image(data=pictures.BLANK))
    calls: list[tuple[Any, grpc.StatusCode, str]] = [
        (Request(subject_id=erased, sample=sample), missing, "SUBJECT_NOT_FOUND"),
        (Request(subject_id=person, enrolled_probe=probe(erased), modality=IRIS), missing, "SUBJECT_NOT_FOUND"),
        (Request(subject_id=person, encounter_id="third", sample=sample), missing, "ENCOUNTER_NOT_FOUND"),
        (Request(subject_id=asleep, encounter_id="e", sample=sample), condition, "ENCOUNTER_INACTIVE"),
        (Request(subject_id=asleep, sample=sample), condition, "NOTHING_TO_EXPLAIN"),
        (Request(subject_id=person, encounter_id="second", sample=eye(71, 0, RIGHT)), condition, "NOTHING_TO_EXPLAIN"),
        (Request(subject_id=person, sample=other_model), condition, "TEMPLATE_MODEL_MISMATCH"),
        (Request(subject_id=person, sample=blank), condition, "FACE_NOT_FOUND"),
    ]
    for request, code, reason in calls:
        assert (code, reason) == refused(ask, request)
    bad_image = sample_pb2.Sample(modality=IRIS, image=sample_pb2.Image(data=b"none"))
    bad_template = sample_pb2.Sample(modality=IRIS, template=sample_pb2.Template(model_id="iris-gabor-2", data=b"x"))
    for request, field in (
        (Request(subject_id=person), "sample"),
        (Request(subject_id=person, sample=sample, enrolled_probe=probe(person)), "sample"),
        (Request(subject_id=person, enrolled_probe=probe(person)), "modality"),
        (Request(subject_id=person, sample=sample, reference_position=THUMB), "reference_position"),
        (Request(subject_id=person, sample=bad_image), "sample.image"),
        (Request(subject_id=person, sample=bad_template), "sample.template"),
        (Request(subject_id="", sample=sample), "subject_id"),
    ):
        assert [field] == fields_named(ask, request)
    assert INVALID == refused(ask, Request(subject_id=person, sample=sample_pb2.Sample(modality=IRIS)))[0]


def test_the_command_draws_it(address: str, person: str, tmp_path: Path) -> None:
    """`biofusion explain --subject` prints the answer and writes an SVG that only its owner can read."""
    image, drawing = tmp_path / "eye.png", tmp_path / "eye.svg"
    image.write_bytes(pictures.eye(70, 2))
    words = [
        "explain",
        "--subject",
        person,
        "--eye",
        f"LEFT={image}",
        "--svg",
        str(drawing),
        "--server",
        address,
        "--json",
    ]
    result = CliRunner().invoke(cli, words)
    assert 0 == result.exit_code, result.output
    answer = json.loads(result.stdout)
    assert answer["evidence"]["comparison"]["score"] == answer["explanation"]["comparison"]["score"]
    assert "<svg" in drawing.read_text("utf-8")
    assert 0o600 == drawing.stat().st_mode & 0o777
