"""gRPC's health service: the states of this process's services, with errors as this project's statuses."""

from __future__ import annotations

from typing import Any

from grpc_health.v1 import health, health_pb2

from biometrics.errors import ServiceUnknown
from infra.serving.logs.lines import one_line

NAME: str = health.SERVICE_NAME


class Health(health.aio.HealthServicer):
    """gRPC's health servicer, which keeps the states and the watches, with two methods of its own.

    `Check` of an unknown service fails without an aborted call inside, and `List`, which gRPC declares and leaves out,
    answers. Versions of grpcio-health-checking that do not declare it never call it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._states: dict[str, Any] = {"": health_pb2.HealthCheckResponse.SERVING}
        self._has_ended = False

    async def set(self, service: str, status: Any) -> None:
        """See HealthServicer."""
        await super().set(service, status)
        if not self._has_ended:
            self._states[service] = status

    async def enter_graceful_shutdown(self) -> None:
        """See HealthServicer."""
        self._has_ended = True
        self._states = dict.fromkeys(self._states, health_pb2.HealthCheckResponse.NOT_SERVING)
        await super().enter_graceful_shutdown()

    async def Check(self, request: Any, _context: object) -> Any:  # noqa: N802  # gRPC's name
        """The state of one service.

        Raises:
            ServiceUnknown: it is not of this process.
        """
        if request.service not in self._states:
            known = ", ".join(filter(None, sorted(self._states)))
            asked = one_line(request.service)[:200]
            raise ServiceUnknown(f"This server has no service {asked}. It has: {known}.", service=asked)
        return health_pb2.HealthCheckResponse(status=self._states[request.service])

    async def List(self, _request: object, _context: object) -> Any:  # noqa: N802  # gRPC's name
        """The states of all services; "" is the process."""
        states = {name: health_pb2.HealthCheckResponse(status=state) for name, state in self._states.items()}
        listed: Any = health_pb2  # its type hints are older
        return listed.HealthListResponse(statuses=states)
