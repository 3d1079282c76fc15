from __future__ import annotations

import asyncio
import logging
import socket
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from biometrics.errors import ConfigurationInvalid
from infra.serving.logging_setup import configure_logging
from infra.serving.server import Server, run_process
from infra.settings import Settings


async def test_an_ipv6_address_is_listened_on() -> None:
    """The address contains brackets, as clients need it."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    server = Server(Settings(host="::1", port=0), 0)
    assert f"[::1]:{server.port}" == server.address
    await server.stop()


async def test_an_open_health_watch_does_not_delay_the_drain() -> None:
    """A watcher gets NOT_SERVING; the server ends long before its drain time, as no call is running."""
    server = Server(Settings(port=0, drain_s=3600), 0)
    await server.start([])
    async with grpc.aio.insecure_channel(server.address) as channel:
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        statuses = [(await watch.read()).status]
        async with asyncio.timeout(30):
            await server.stop()
        statuses.append((await watch.read()).status)
    assert [health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING] == statuses


async def test_invalid_tls_files_are_named(tmp_path: Path) -> None:
    """The error says that the files may be wrong, not only that the port may be in use."""
    (tmp_path / "no.pem").write_text("no certificate")
    settings = Settings(port=0, tls_certificate=str(tmp_path / "no.pem"), tls_key=str(tmp_path / "no.pem"))
    with pytest.raises(ConfigurationInvalid, match="TLS files"):
        Server(settings, 0)


def test_a_process_that_cannot_start_prints_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """It exits with the message, not with a traceback."""
    monkeypatch.setenv("BIOFUSION_PORT", "many")

    async def never(_settings: Settings) -> None:
        raise AssertionError

    with pytest.raises(SystemExit, match="BIOFUSION_PORT"):
        run_process(never)


def test_debug_applies_to_the_projects_loggers_only() -> None:
    """At DEBUG, libraries log no more than at INFO: image metadata stays out of the log."""
    loggers = [logging.getLogger(name) for name in ("", "biofusion", "gallery")]
    before = [each.level for each in loggers]
    handlers, loggers[0].handlers = loggers[0].handlers, []
    try:
        configure_logging(Settings(log_level="DEBUG"))
        debugged = [logging.getLogger(name).isEnabledFor(logging.DEBUG) for name in ("biofusion.call", "PIL", "numba")]
    finally:
        loggers[0].handlers = handlers
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
    assert [True, False, False] == debugged
