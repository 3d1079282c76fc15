from __future__ import annotations

import signal
from pathlib import Path

import grpc
from biofusion.fusion.v1 import decisions_pb2
from biofusion.type.v1 import decision_pb2, modality_pb2, sample_pb2

from biometrics.template import Modality
from cli.stubs import FusionStubs
from fusion.requests.limits import MAX_OF_POSITION
from infra.models.supply import ensure_all, ensure_assets
from tests.end_to_end.conftest import Process, wait_until_serving
from tests.service import pictures


def test_a_call_in_flight_is_answered_in_full_after_sigterm(tmp_path: Path) -> None:
    """While `biofusion serve` drains, calls it has accepted still reach its matching services."""
    ensure_all()
    ensure_assets()
    settings = {
        "BIOFUSION_STORE_URL": f"sqlite:///{tmp_path / 'store.db'}",
        "BIOFUSION_WORKER_COUNT": "1",
        "BIOFUSION_LOG_LEVEL": "DEBUG",
    }
    process = Process("cli serve", settings, tmp_path / "log")
    process.start()
    for service in ("face.v1.FaceService", "iris.v1.IrisService"):
        wait_until_serving(process.address, f"biofusion.{service}")
    faces = [
        sample_pb2.Sample(modality=modality_pb2.MODALITY_FACE, image=sample_pb2.Image(data=pictures.of(Modality.FACE)))
    ] * MAX_OF_POSITION
    with grpc.insecure_channel(process.address) as channel:
        call = FusionStubs(channel).decisions.IdentifySubjects
        answer = call.future(decisions_pb2.IdentifySubjectsRequest(samples=faces), timeout=60)
        assert process.popen.stderr is not None
        while b"FACE extract" not in process.popen.stderr.readline():
            assert not answer.done()
        process.popen.send_signal(signal.SIGTERM)
        statuses = {each.status for each in answer.result().decision.evidence}
    assert {decision_pb2.EVIDENCE_STATUS_REFERENCE_MISSING} == statuses
    assert 0 == process.end()
