from __future__ import annotations

import json
import signal
import uuid

import grpc
from biofusion.fusion.v1 import decisions_pb2, subjects_pb2
from biofusion.type.v1 import decision_pb2, modality_pb2, sample_pb2

from biometrics.template import Modality
from cli.stubs import FusionStubs
from infra.wire.status import error_info
from tests.end_to_end.conftest import Apart
from tests.service import pictures


def test_four_processes(apart: Apart) -> None:
    """Four processes enrol and identify; a killed service is reported as unavailable."""
    with grpc.insecure_channel(apart.address) as channel:
        fusion = FusionStubs(channel)
        samples = [
            sample_pb2.Sample(modality=number, image=sample_pb2.Image(data=pictures.of(modality)))
            for number, modality in enumerate(Modality, start=1)
        ]
        request = subjects_pb2.EnrollSubjectRequest(request_id=str(uuid.uuid4()), subject_id="ann", samples=samples)
        token = fusion.subjects.EnrollSubject(request, timeout=60).consistency_token
        wanted = decisions_pb2.IdentifySubjectsRequest(samples=samples, consistency_token=token)
        whole = fusion.decisions.IdentifySubjects(wanted, timeout=60)
        assert ("ann", decision_pb2.OUTCOME_MATCH) == (whole.subject_id, whole.decision.outcome)
        assert 3 == len(whole.decision.evidence)

        apart.processes["iris"].end(signal.SIGKILL)
        part = fusion.decisions.IdentifySubjects(wanted, timeout=60)
        statuses = {each.modality: each.status for each in part.decision.evidence}
        assert decision_pb2.EVIDENCE_STATUS_SERVICE_UNAVAILABLE == statuses[modality_pb2.MODALITY_IRIS]
        assert decision_pb2.DECISION_REASON_SERVICE_UNAVAILABLE in part.decision.reasons
        assert "ann" == part.subject_id
        assert part.decision.llr <= whole.decision.llr
        assert part.decision.fmr_bound >= whole.decision.fmr_bound

        enrol = subjects_pb2.EnrollSubjectRequest(request_id=str(uuid.uuid4()), subject_id="bob", samples=samples)
        try:
            fusion.subjects.EnrollSubject(enrol, timeout=60)
            code, reason = grpc.StatusCode.OK, ""
        except grpc.RpcError as error:
            code, reason = error.code(), error_info(error.trailing_metadata()).reason
        assert (grpc.StatusCode.UNAVAILABLE, "SERVICE_UNAVAILABLE") == (code, reason)
        assert ["ann"] == [
            each.subject_id for each in fusion.subjects.ListSubjects(subjects_pb2.ListSubjectsRequest()).subjects
        ]


PATIENT = {
    "methodConfig": [
        {
            "name": [{"service": f"biofusion.fusion.v1.{name}"} for name in ("SubjectService", "DecisionService")],
            "retryPolicy": {
                "maxAttempts": 5,
                "initialBackoff": "0.5s",
                "maxBackoff": "4s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ]
}
"""A service config with which the client retries for some seconds, as RetryInfo suggests."""


def test_restarted_service_is_used_again(apart: Apart) -> None:
    """A matching service that restarts rebuilds its index from the store and contributes again."""
    iris = apart.processes["iris"]
    port = int(iris.address.rsplit(":", 1)[1])
    sample = sample_pb2.Sample(
        modality=modality_pb2.MODALITY_IRIS, image=sample_pb2.Image(data=pictures.of(Modality.IRIS))
    )
    with grpc.insecure_channel(apart.address, [("grpc.service_config", json.dumps(PATIENT))]) as channel:
        fusion = FusionStubs(channel)
        request = subjects_pb2.EnrollSubjectRequest(
            request_id=str(uuid.uuid4()), subject_id="eve", samples=[sample], galleries=["eyes"]
        )
        token = fusion.subjects.EnrollSubject(request, timeout=60).consistency_token
        iris.end(signal.SIGKILL)
        iris.start(port)
        wanted = decisions_pb2.IdentifySubjectsRequest(samples=[sample], gallery="eyes", consistency_token=token)
        assert "eve" == fusion.decisions.IdentifySubjects(wanted, timeout=60).subject_id


def test_sigterm_drains_all(apart: Apart) -> None:
    """After SIGTERM each process exits with 0."""
    assert [0, 0, 0, 0] == [process.end() for process in apart.processes.values()]
