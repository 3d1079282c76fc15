from __future__ import annotations

import asyncio
import logging
import socket
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from biometrics.errors import ConfigurationInvalid
from infra.serving.interceptors import CallInterceptor
from infra.serving.logs.setup import configure_logging
from infra.serving.server import Registration, Server, new_server, run_process
from infra.settings import Settings
from infra.wire.status import error_info


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


async def test_health_lists_and_checks_the_services_by_name(caplog: pytest.LogCaptureFixture) -> None:
    """A service that is not there is NOT_FOUND with a text and those that are, and nothing is logged as a failure."""
    caplog.set_level(logging.WARNING)
    server = Server(Settings(port=0), 0)
    await server.start([Registration("a.Ready", lambda _: None), Registration("b.Loading", lambda _: None, bool)])
    async with grpc.aio.insecure_channel(server.address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.Check(health_pb2.HealthCheckRequest(service="c.Nowhere"))
        listed = (await stub.List(health_pb2.HealthListRequest())).statuses
        checked = await stub.Check(health_pb2.HealthCheckRequest(service="a.Ready"))
        await server.stop()
    told = (caught.value.code(), error_info(caught.value.trailing_metadata()).reason, caught.value.details())
    message = "This server has no service c.Nowhere. It has: a.Ready, b.Loading."
    assert (grpc.StatusCode.NOT_FOUND, "SERVICE_UNKNOWN", message) == told
    serving, not_serving = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING
    expected = {"": serving, "a.Ready": serving, "b.Loading": not_serving}
    assert (expected, serving) == ({name: each.status for name, each in listed.items()}, checked.status)
    assert [] == caplog.records


class Half(health_pb2_grpc.HealthServicer):
    """A generated servicer of which only one method is written, which ends its calls itself."""

    async def Check(self, _request: object, context: Any) -> None:  # noqa: N802  # gRPC's name
        """Aborts."""
        await context.abort(grpc.StatusCode.ALREADY_EXISTS, "As it is.")


async def test_unwritten_methods_and_aborted_calls_are_no_internal_errors(caplog: pytest.LogCaptureFixture) -> None:
    """A method declared and not written is UNIMPLEMENTED; a handler's own status reaches the caller unchanged."""
    caplog.set_level(logging.WARNING)
    server = new_server(Settings(), CallInterceptor(5.0))
    health_pb2_grpc.add_HealthServicer_to_server(Half(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    told = []
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        for call in (stub.List(health_pb2.HealthListRequest()), stub.Check(health_pb2.HealthCheckRequest())):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call
            told.append((caught.value.code(), error_info(caught.value.trailing_metadata()).reason))
    await server.stop(None)
    assert [(grpc.StatusCode.UNIMPLEMENTED, "METHOD_UNKNOWN"), (grpc.StatusCode.ALREADY_EXISTS, "")] == told
    assert [] == caplog.records


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
