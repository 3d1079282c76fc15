from __future__ import annotations

import base64
import json
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from tests.service import pictures

GRPCURL = Path(sys.executable).with_name("grpcurl")
SERVICES = {
    "biofusion.face.v1.FaceService",
    "biofusion.fingerprint.v1.FingerprintService",
    "biofusion.iris.v1.IrisService",
    "biofusion.fusion.v1.DecisionService",
    "biofusion.fusion.v1.FusionModelService",
    "biofusion.fusion.v1.SubjectService",
}


def grpcurl(*arguments: str, data: object = None) -> str:
    """Run grpcurl; returns its output."""
    options = ["-plaintext", "-max-time", "60"] + (["-d", "@"] if data is not None else [])
    done = subprocess.run(
        [GRPCURL, *options, *arguments], input=json.dumps(data), capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stderr
    return done.stdout


def test_lists_all_services(all_in_one: str) -> None:
    """`grpcurl list` needs no proto files and shows all services, health and reflection."""
    listed = set(grpcurl(all_in_one, "list").split())
    assert listed >= SERVICES | {"grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"}


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_health(all_in_one: str, service: str) -> None:
    """The health of each service can be queried by its name."""
    answer = json.loads(grpcurl(all_in_one, "grpc.health.v1.Health/Check", data={"service": service}))
    assert {"status": "SERVING"} == answer


def test_enrols_and_identifies(all_in_one: str) -> None:
    """A person is enrolled and identified with JSON typed at a shell."""
    samples = [
        {
            "modality": "MODALITY_IRIS",
            "position": "POSITION_LEFT_EYE",
            "image": {"data": base64.b64encode(pictures.eye(3, capture)).decode()},
        }
        for capture in (0, 1)
    ]
    enrolment = {"request_id": str(uuid.uuid4()), "subject_id": "typed-1", "samples": samples[:1]}
    enrolled = json.loads(grpcurl(all_in_one, "biofusion.fusion.v1.SubjectService/EnrollSubject", data=enrolment))
    asked = {"samples": samples[1:], "consistency_token": enrolled["consistency_token"]}
    found = json.loads(grpcurl(all_in_one, "biofusion.fusion.v1.DecisionService/IdentifySubjects", data=asked))
    assert ("typed-1", "OUTCOME_MATCH") == (found["subject_id"], found["decision"]["outcome"])
