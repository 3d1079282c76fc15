"""`make oldest`: a client and a server on the oldest versions that pyproject.toml allows, with gRPC's packages only."""

from __future__ import annotations

import importlib
import pkgutil
import tomllib
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import biofusion
import grpc
from biofusion.fusion.v1 import decisions_pb2, decisions_pb2_grpc
from biofusion.type.v1 import decision_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from infra.wire.connections import AGEING, SERVER, client_options
from infra.wire.service_config import service_config


class Decisions(decisions_pb2_grpc.DecisionServiceServicer):
    """Answers one call."""

    def VerifySubject(self, request: Any, context: Any) -> decisions_pb2.VerifySubjectResponse:  # noqa: N802  # gRPC's name
        """A match of whoever is asked about."""
        outcome = decision_pb2.OUTCOME_MATCH if request.subject_id == "ann" else decision_pb2.OUTCOME_NO_MATCH
        return decisions_pb2.VerifySubjectResponse(decision=decision_pb2.Decision(outcome=outcome))


def main() -> None:
    """Import all that is generated; ask a server of it by name, for health and for an answer."""
    group = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]["oldest"]
    pinned = dict(each.split("==") for each in group if "==" in each)
    assert pinned == {name: version(name) for name in pinned}, "another environment than the group says"
    modules = [each.name for each in pkgutil.walk_packages(biofusion.__path__, "biofusion.") if not each.ispkg]
    for name in modules:
        importlib.import_module(name)
    server = grpc.server(ThreadPoolExecutor(2), options=[*SERVER, *AGEING])
    decisions_pb2_grpc.add_DecisionServiceServicer_to_server(Decisions(), server)
    health_pb2_grpc.add_HealthServicer_to_server(health.HealthServicer(), server)
    names = [each.full_name for each in decisions_pb2.DESCRIPTOR.services_by_name.values()]
    reflection.enable_server_reflection([*names, reflection.SERVICE_NAME], server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    options = [*client_options(1 << 20), ("grpc.service_config", service_config()), ("grpc.enable_http_proxy", 0)]
    with grpc.insecure_channel(f"127.0.0.1:{port}", options) as channel:
        lives = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=30)
        assert lives.status == health_pb2.HealthCheckResponse.SERVING
        asked = decisions_pb2.VerifySubjectRequest(subject_id="ann")
        answer = decisions_pb2_grpc.DecisionServiceStub(channel).VerifySubject(asked, timeout=30)
        assert answer.decision.outcome == decision_pb2.OUTCOME_MATCH
    server.stop(None)
    print(f"{len(modules)} generated modules and a call work with {', '.join(f'{n} {v}' for n, v in pinned.items())}")  # noqa: T201  # the target's one line


if __name__ == "__main__":
    main()
