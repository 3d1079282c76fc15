"""`python -m tests.support.stub_matcher [AGE_MS]`: an iris service whose scores are its process id.

It is a real server of this project, with health. It logs its address as services do.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

from biofusion.iris.v1 import iris_pb2_grpc
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import comparison_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from infra.serving.interceptors import CallInterceptor
from infra.serving.server import new_server
from infra.settings import Settings
from infra.wire.connections import AGEING


class Stub(iris_pb2_grpc.IrisServiceServicer):
    """Answers comparisons of any templates."""

    async def CompareTemplates(self, request: Any, context: Any) -> matching_pb2.CompareTemplatesResponse:  # noqa: N802  # gRPC's name
        """The process id for each reference."""
        score = comparison_pb2.Comparison(score=float(os.getpid()))
        return matching_pb2.CompareTemplatesResponse(comparisons=[score] * len(request.references))


async def main() -> None:
    """Serve until killed."""
    settings = Settings.from_environment()
    ageing = (("grpc.max_connection_age_ms", int(sys.argv[1])),) if sys.argv[1:] else AGEING
    server = new_server(settings, CallInterceptor(30.0), ageing)
    iris_pb2_grpc.add_IrisServiceServicer_to_server(Stub(), server)
    alive = health.aio.HealthServicer()
    await alive.set("", health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(alive, server)
    port = server.add_insecure_port(f"{settings.host}:{settings.port}")
    await server.start()
    sys.stderr.write(f"listening on {settings.host}:{port}: stub\n")
    sys.stderr.flush()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main())
