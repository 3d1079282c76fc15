"""A grpc.aio server with health, reflection and graceful shutdown."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from biometrics.errors import BiofusionError, ConfigurationInvalid
from infra.admission.intake import Intake
from infra.serving.accepting import Accepting
from infra.serving.event_loop_lag import EventLoopLag
from infra.serving.health import NAME as HEALTH
from infra.serving.health import Health
from infra.serving.interceptors import CallInterceptor
from infra.serving.logging_setup import configure_logging
from infra.settings import Settings
from infra.wire.connections import AGEING, SERVER, Options

log = logging.getLogger("biofusion.server")

LAST_ANSWERS_S = 1.0
"""Seconds that a drained server waits for its last answers to be sent before it ends streams, e.g. health watches."""

MOST_UNSEEN = 1_000_000
"""Calls that gRPC may queue before they are handed over. Beyond this it cancels some, without a reason to callers."""

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
    """

    name: str
    add: Callable[[Any], None]
    is_ready: Callable[[], bool] = lambda: True


def new_server(settings: Settings, calls: CallInterceptor, connections: Options = AGEING) -> grpc.aio.Server:
    """A server without an address yet; calls get deadlines, errors become statuses, messages are limited in size."""
    return grpc.aio.server(
        interceptors=[calls],
        options=[
            ("grpc.max_receive_message_length", settings.max_message_bytes),
            ("grpc.max_send_message_length", settings.max_message_bytes),
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
    """

    def __init__(self, settings: Settings, port: int, has_backlog: Callable[[], bool] = lambda: False) -> None:
        settings.check_bind()
        self._settings = settings
        most_bytes = MESSAGES_IN_HAND * settings.max_message_bytes
        intake = Intake(settings.workers, settings.max_pending, most_bytes, has_backlog)
        self._pulse = EventLoopLag(intake.heard)
        self._calls = CallInterceptor(settings.default_deadline_s, intake)
        self._server = new_server(settings, self._calls)
        self._health = Health()
        self._registrations: list[Registration] = []
        self._watch: asyncio.Task[None] | None = None
        self._stopped = False
        self.port = self._bind(settings.port if settings.port >= 0 else port)

    @property
    def address(self) -> str:
        """The address it listens on, `host:port`."""
        return _join(self._settings.host, self.port)

    async def start(self, registrations: Sequence[Registration]) -> None:
        """Add the services with health and reflection, and begin to listen."""
        self._registrations = list(registrations)
        accepting = Accepting(self._server, [self._calls])
        for registration in registrations:
            registration.add(accepting)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        names = [r.name for r in registrations]
        reflection.enable_server_reflection([*names, HEALTH, reflection.SERVICE_NAME], self._server)
        await self._report_health()
        await self._server.start()
        accepting.start()
        self._watch = asyncio.create_task(self._watch_health())
        self._pulse.start()
        log.info("listening on %s: %s", self.address, ", ".join(names))

    async def stop(self) -> None:
        """Report NOT_SERVING, refuse new calls, let running ones end within the drain time; idempotent."""
        if self._stopped:
            return
        self._stopped = True
        if self._watch:
            self._watch.cancel()
        self._pulse.stop()
        await self._health.enter_graceful_shutdown()
        await self._calls.refuse_the_unseen()
        draining = asyncio.create_task(self._server.stop(self._settings.drain_s))
        idle = asyncio.create_task(self._calls.until_idle())
        await asyncio.wait([draining, idle], return_when=asyncio.FIRST_COMPLETED)
        idle.cancel()
        await self._server.stop(LAST_ANSWERS_S)
        await draining
        log.info("stopped %s", self.address)

    async def run_until_signal(self) -> None:
        """Wait for SIGTERM or SIGINT, then stop."""
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await stop.wait()
        log.info("draining %s", self.address)
        await self.stop()

    def _bind(self, port: int) -> int:
        address = _join(self._settings.host, port)
        if self._settings.tls_certificate:
            pair = (read_pem(self._settings.tls_key), read_pem(self._settings.tls_certificate))
            credentials = grpc.ssl_server_credentials([pair])
        elif not self._settings.loopback:
            log.warning("listening on %s WITHOUT TLS beyond loopback, as BIOFUSION_ALLOW_INSECURE_BIND allows", address)
        try:
            if self._settings.tls_certificate:
                return self._server.add_secure_port(address, credentials)
            return self._server.add_insecure_port(address)
        except RuntimeError as error:
            files = ", or the TLS files are not a matching pair of PEM files" if self._settings.tls_certificate else ""
            message = f"Cannot listen on {address}: the port is in use, or the address is not of this machine{files}."
            raise ConfigurationInvalid(message) from error

    async def _report_health(self) -> None:
        await self._health.set("", _SERVING)  # the process lives; readiness is reported per service
        for registration in self._registrations:
            await self._health.set(registration.name, _SERVING if registration.is_ready() else _NOT_SERVING)

    async def _watch_health(self) -> None:
        while True:
            await asyncio.sleep(1.0 if all(r.is_ready() for r in self._registrations) else 0.05)
            await self._report_health()


def _join(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def read_pem(path: str) -> bytes:
    """The bytes of a TLS file.

    Raises:
        ConfigurationInvalid: it cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ConfigurationInvalid(f"Cannot read the TLS file {path}: {error.strerror}.") from error
