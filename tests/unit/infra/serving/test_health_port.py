from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2_grpc

from biometrics.errors import ConfigurationInvalid
from infra.serving.server import Registration, Server
from infra.settings import Settings
from infra.wire.status import error_info
from tests.support.tls import Authority

SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of a server with TLS and a health port."""
    pair = Authority.make(tmp_path, "authority").sign("server", "DNS:localhost")
    return Settings(port=0, health_port=0, tls_certificate=str(pair.certificate), tls_key=str(pair.key))


async def test_a_probe_without_tls_is_answered_on_the_health_port_alone(settings: Settings) -> None:
    """It gets each service's state by its name; the port of the calls does not answer it."""
    server = Server(settings, 0)
    await server.start([Registration("a.Ready", lambda _: None), Registration("b.Loading", lambda _: None, bool)])
    assert server.health_port is not None
    states = {}
    async with grpc.aio.insecure_channel(server.health_port.address) as channel:
        for name in ("", "a.Ready", "b.Loading"):
            request = health_pb2.HealthCheckRequest(service=name)
            states[name] = (await health_pb2_grpc.HealthStub(channel).Check(request)).status
    assert {"": SERVING, "a.Ready": SERVING, "b.Loading": NOT_SERVING} == states
    async with grpc.aio.insecure_channel(server.address) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
    assert grpc.StatusCode.UNAVAILABLE == caught.value.code()
    await server.stop()


async def test_it_serves_nothing_but_health(settings: Settings) -> None:
    """Another method is not there, and a message longer than a name is refused."""
    server = Server(settings, 0)
    await server.start([])
    assert server.health_port is not None
    async with grpc.aio.insecure_channel(server.health_port.address) as channel:
        asked = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter(()))
        with pytest.raises(grpc.aio.AioRpcError) as reflected:
            await asked.read()
        with pytest.raises(grpc.aio.AioRpcError) as long:
            await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service="x" * 5000))
    await server.stop()
    reason = error_info(reflected.value.trailing_metadata()).reason
    assert (grpc.StatusCode.UNIMPLEMENTED, "METHOD_UNKNOWN") == (reflected.value.code(), reason)
    assert grpc.StatusCode.RESOURCE_EXHAUSTED == long.value.code()


async def test_while_the_server_drains_it_says_so(settings: Settings) -> None:
    """A watch on the health port gets NOT_SERVING, and does not delay the end."""
    server = Server(settings, 0)
    await server.start([])
    assert server.health_port is not None
    async with grpc.aio.insecure_channel(server.health_port.address) as channel:
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        states = [(await watch.read()).status]
        async with asyncio.timeout(30):
            await server.stop()
        states.append((await watch.read()).status)
    assert [SERVING, NOT_SERVING] == states


async def test_it_needs_a_port_that_is_free() -> None:
    """The error names the address; without the setting there is no such port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationInvalid, match=f"Cannot listen on 127.0.0.1:{port}: the port is in use"):
            Server(Settings(port=0, health_port=port), 0)
    server = Server(Settings(port=0), 0)
    assert server.health_port is None
    await server.stop()
