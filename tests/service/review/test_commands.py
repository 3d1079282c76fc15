"""`biofusion review`."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import uuid

import grpc
import pytest
from biofusion.review.v1 import review_pb2, review_pb2_grpc

from cli.main import cli
from cli.stubs import FusionStubs
from infra.settings import Settings
from tests.service.audit.audited_calls import another_face
from tests.service.fusion.requests import enrolment, someone
from tests.support.review.desk import new_request


def run(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command prints."""
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    assert 0 == ended.value.code
    return capsys.readouterr().out


def test_an_operator_sees_cases(fusion: FusionStubs, address: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The list names an urgent case and its state; `show` tells what happened to it, and no score."""
    subject = someone()
    fusion.subjects.EnrollSubject(enrolment(subject, another_face(74)), timeout=60)
    name = fusion.reviews.CreateReviewCase(new_request(subject, priority=9), timeout=60).review_case.name
    listed = json.loads(run(capsys, "review", "list", "--state", "open", "--server", address, "--json"))
    assert name in [each["name"] for each in listed["review_cases"]]
    assert name in run(capsys, "review", "list", "--server", address)
    shown = run(capsys, "review", "show", name, "--server", address)
    assert re.search(r"\d\d:\d\d:\d\d OPEN local", shown)


@pytest.mark.parametrize("module", [["cli", "review", "serve"], ["review"]])
def test_a_process_of_its_own(fusion: FusionStubs, service_settings: Settings, module: list[str]) -> None:
    """It keeps the cases of the store that it shares with the other services."""
    subject = someone()
    fusion.subjects.EnrollSubject(enrolment(subject, another_face(75)), timeout=60)
    environment = {**os.environ, "BIOFUSION_STORE_URL": service_settings.store_url, "BIOFUSION_PORT": "0"}
    with subprocess.Popen(
        [sys.executable, "-m", *module], env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        (own,) = next(filter(None, (re.findall(r"listening on ([\d.:]+\d): ", line) for line in process.stderr)))
        with grpc.insecure_channel(own) as channel:
            stub = review_pb2_grpc.ReviewServiceStub(channel)
            request = new_request(subject, request_id=str(uuid.uuid4()))
            name = stub.CreateReviewCase(request, timeout=60).review_case.name
        process.send_signal(signal.SIGTERM)
        assert 0 == process.wait(60)
    found = fusion.reviews.GetReviewCase(review_pb2.GetReviewCaseRequest(name=name), timeout=60)
    assert subject == found.review_case.subject_id
