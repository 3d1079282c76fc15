"""How gRPC looks up the names of services in k8s/."""

from __future__ import annotations

import grpc
import pytest

from infra.wire.connections import matcher_options
from tests.support.kubernetes import render
from tests.support.name_server import NameServer

NAMESPACE = "biofusion.svc.cluster.local"


async def test_a_name_without_dots_is_that_of_the_own_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    """A target of the manifests is asked for with the domain that a pod's resolver is told to search."""
    monkeypatch.setenv("LOCALDOMAIN", NAMESPACE)
    monkeypatch.setenv("RES_OPTIONS", "ndots:5")
    target = render("base").environment("fusion")["BIOFUSION_FACE_TARGET"]
    server = NameServer()
    await server.start()
    server.addresses = ["127.0.0.1"]
    target = target.replace("dns:///", f"dns://127.0.0.1:{server.port}/").replace(":50051", ":1")
    async with grpc.aio.insecure_channel(target, matcher_options(1 << 20)) as channel:
        with pytest.raises(grpc.aio.AioRpcError):
            await channel.unary_unary("/a/B")(b"", timeout=30)
    server.stop()
    assert f"face.{NAMESPACE}" == server.asked[0]
