"""The health service on a port of its own, for probes that speak neither TLS nor show a certificate."""

from __future__ import annotations

import grpc
from grpc_health.v1 import health_pb2_grpc

from infra.serving.binding import bound, joined
from infra.serving.health import Health
from infra.serving.interceptors import CallInterceptor
from infra.settings import Settings
from infra.wire.connections import AGEING, SERVER

LARGEST_REQUEST = 4096
"""Bytes: the name of a service, and nothing else, is asked for."""

STREAMS = 16
"""Most calls of one connection at once; a watch is one, and stays open."""


class HealthPort:
    """Answers health checks in plain text: names and states of services, which are nobody's secret.

    It is reachable from other machines if the services are, also without TLS: no call of theirs is served here.

    Args:
        settings: `host` and `health_port`.
        health: the states, those of the server beside.

    Raises:
        ConfigurationInvalid: it cannot listen there.
    """

    def __init__(self, settings: Settings, health: Health) -> None:
        self._server = grpc.aio.server(
            interceptors=[CallInterceptor(settings.default_deadline_s)],
            options=[
                ("grpc.max_receive_message_length", LARGEST_REQUEST),
                ("grpc.max_concurrent_streams", STREAMS),
                ("grpc.so_reuseport", 0),
                *SERVER,
                *AGEING,
            ],
        )
        health_pb2_grpc.add_HealthServicer_to_server(health, self._server)
        self.address = joined(settings.host, bound(self._server, joined(settings.host, settings.health_port)))

    async def start(self) -> None:
        """Begin to answer."""
        await self._server.start()

    async def stop(self) -> None:
        """End it, with its watches."""
        await self._server.stop(None)


def health_port(settings: Settings, health: Health) -> HealthPort | None:
    """The port that the settings ask for; None if they ask for none. Raises as `HealthPort`."""
    return HealthPort(settings, health) if settings.health_port >= 0 else None
