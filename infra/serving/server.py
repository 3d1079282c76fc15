"""A grpc.aio server with health, reflection and graceful shutdown."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from biometrics.errors import BiofusionError
from infra.admission.intake import Intake
from infra.identity.authentication import Authentication, Identified
from infra.serving.accepting import Accepting
from infra.serving.binding import joined
from infra.serving.door import Door
from infra.serving.event_loop_lag import EventLoopLag
from infra.serving.health import NAME as HEALTH
from infra.serving.health import Health
from infra.serving.health_port import health_port
from infra.serving.interceptors import CallInterceptor
from infra.serving.logs.setup import configure_logging
from infra.serving.ports import open_ports, tell_openness
from infra.settings import Settings
from infra.telemetry.instruments import Reading
from infra.telemetry.metrics import calls
from infra.telemetry.readings import Source
from infra.telemetry.running import Telemetry
from infra.wire.connections import AGEING, SERVER, Options

log = logging.getLogger("biofusion.server")

LAST_ANSWERS_S = 1.0
"""Seconds that a drained server waits for its last answers to be sent before it ends streams, e.g. health watches."""

MOST_UNSEEN = 1_000_000
"""Calls that gRPC may queue before they are handed over. Beyond this it cancels some, without a reason to callers."""

MOST_STREAMS = 4096
"""Calls and streams of one connection at once; a caller's gRPC keeps further ones back until earlier ones have ended.
One that was reset counts until the server has seen it, so that nobody begins calls without end by resetting them. Few
honest callers come near it: close to it, gRPC refuses some calls as UNAVAILABLE, since ended ones still count."""

MESSAGES_IN_HAND = 2
"""Memory for messages, in messages of the largest size; that is room for many ordinary ones."""

_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


@dataclass(frozen=True, slots=True)
class Registration:
    """One service of a server.

    Args:
        name: full name, e.g. `biofusion.face.v1.FaceService`; health is reported under it.
        add: adds the servicer to a server.
        is_ready: whether the service can answer now; asked every second.
        readings: reads its metrics; called in another thread whenever they are exported.
    """

    name: str
    add: Callable[[Any], None]
    is_ready: Callable[[], bool] = lambda: True
    readings: Source = tuple


def new_server(settings: Settings, calls: CallInterceptor, connections: Options = AGEING) -> grpc.aio.Server:
    """A server without an address yet; calls get deadlines, errors become statuses, messages are limited in size."""
    return grpc.aio.server(
        interceptors=[calls],
        options=[
            ("grpc.max_receive_message_length", settings.max_message_bytes),
            ("grpc.max_send_message_length", settings.max_message_bytes),
            ("grpc.max_concurrent_streams", MOST_STREAMS),
            ("grpc.so_reuseport", 0),
            ("grpc.http2.bdp_probe", 0),
            ("grpc.server.max_pending_requests", MOST_UNSEEN),
            ("grpc.server.max_pending_requests_hard_limit", MOST_UNSEEN),
            *SERVER,
            *connections,
        ],
    )


def run_process(serve: Callable[[Settings], Coroutine[Any, Any, None]]) -> None:
    """Run a service configured by the environment until it ends; an error at start is printed as one sentence."""
    try:
        settings = Settings.from_environment()
        configure_logging(settings)
        asyncio.run(serve(settings))
    except BiofusionError as error:
        sys.exit(error.message)


class Server:
    """Serves the registered services until it is stopped.

    Args:
        settings: host, port, TLS, limits, drain time.
        port: the port if the settings leave it open (-1).
        has_backlog: whether work waits for a thread.
        door: gate, witness and exit of calls; by default, callers prove their names as the settings say, and may do
            anything.

    Raises:
        ConfigurationInvalid: it cannot listen there, or TLS files or names cannot be used.
    """

    def __init__(
        self,
        settings: Settings,
        port: int,
        has_backlog: Callable[[], bool] = lambda: False,
        door: Door | None = None,
    ) -> None:
        settings.check_bind()
        self._settings = settings
        most_bytes = MESSAGES_IN_HAND * settings.max_message_bytes
        intake = self._intake = Intake(settings.workers, settings.max_pending, most_bytes, has_backlog)
        self._pulse = EventLoopLag(intake.heard)
        door = door or Door(Identified(Authentication.of(settings)))
        self._calls = CallInterceptor(settings.default_deadline_s, intake, door)
        self.telemetry = Telemetry(settings)
        self._server = new_server(settings, self._calls)
        self._health = Health()
        self._registrations: list[Registration] = []
        self._watch: asyncio.Task[None] | None = None
        self._stopped = False
        opened = open_ports(self._server, settings, settings.port if settings.port >= 0 else port)
        self.port, self.token_port = opened
        self.health_port = health_port(settings, self._health)
        tell_openness(settings, self.address)

    @property
    def address(self) -> str:
        """The address it listens on, `host:port`."""
        return joined(self._settings.host, self.port)

    @property
    def has_waiting(self) -> bool:
        """Whether a call waits for others to end before its work begins."""
        return self._intake.concurrency_limit.has_waiting

    async def start(self, registrations: Sequence[Registration]) -> None:
        """Add the services with health and reflection, and begin to listen."""
        self._registrations = list(registrations)
        accepting = Accepting(self._server, [self._calls], self._calls.refusals)
        for registration in registrations:
            registration.add(accepting)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        names = [r.name for r in registrations]
        reflection.enable_server_reflection([*names, HEALTH, reflection.SERVICE_NAME], self._server)
        await self._report_health()
        await self._server.start()
        accepting.start()
        if self.health_port:
            await self.health_port.start()
            log.info("answering health checks alone on %s", self.health_port.address)
        self._watch = asyncio.create_task(self._watch_health())
        self._pulse.start()
        self.telemetry.start(names, [self._readings, *(each.readings for each in registrations)])
        log.info("listening on %s: %s", self.address, ", ".join(names))
        if self.token_port >= 0:
            log.info("callers with tokens are served on %s", joined(self._settings.host, self.token_port))

    async def stop(self) -> None:
        """Report NOT_SERVING, refuse new calls, let running ones end within the drain time; idempotent."""
        if self._stopped:
            return
        self._stopped = True
        if self._watch:
            self._watch.cancel()
        self._pulse.stop()
        await self._health.enter_graceful_shutdown()
        await self._calls.refuse_the_unseen(self._settings.drain_s)
        draining = asyncio.create_task(self._server.stop(self._settings.drain_s))
        idle = asyncio.create_task(self._calls.until_idle())
        await asyncio.wait([draining, idle], return_when=asyncio.FIRST_COMPLETED)
        idle.cancel()
        await self._server.stop(LAST_ANSWERS_S)
        await draining
        if self.health_port:
            await self.health_port.stop()
        await asyncio.to_thread(self.telemetry.close)
        log.info("stopped %s", self.address)

    async def run_until_signal(self) -> None:
        """Wait for SIGTERM or SIGINT, then stop."""
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await stop.wait()
        log.info("draining %s", self.address)
        await self.stop()

    def _readings(self) -> Iterator[Reading]:
        intake = self._intake
        yield Reading(calls.ADMITTED, intake.admission.admitted_count)
        yield Reading(calls.WAITING, intake.concurrency_limit.waiting_count)
        yield Reading(calls.AT_ONCE, intake.concurrency_limit.limit)
        yield Reading(calls.MESSAGE_BYTES, intake.room.taken_bytes)
        yield Reading(calls.STREAMS, self._calls.stream_count)

    async def _report_health(self) -> None:
        await self._health.set("", _SERVING)  # the process lives; readiness is reported per service
        for registration in self._registrations:
            await self._health.set(registration.name, _SERVING if registration.is_ready() else _NOT_SERVING)

    async def _watch_health(self) -> None:
        while True:
            await asyncio.sleep(1.0 if all(r.is_ready() for r in self._registrations) else 0.05)
            await self._report_health()
