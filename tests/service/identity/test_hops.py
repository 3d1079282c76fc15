"""Fusion shows its certificate to the matching services, and looks at theirs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from biofusion.iris.v1 import iris_pb2_grpc
from biofusion.matching.v1 import matching_pb2

from biometrics.errors import ConfigurationInvalid, ServiceUnavailable
from biometrics.template import Modality
from fusion.matching.connect import connect_all
from fusion.matching.matchers import GrpcMatcher
from infra import file_watch
from infra.serving.server import Registration, Server
from infra.settings import Settings
from tests.support.identity.named_server import certificates
from tests.unit.fusion.world import template

FUSION = "spiffe://example.org/fusion"
PROBE = template(Modality.IRIS, "ann")


class Irises(iris_pb2_grpc.IrisServiceServicer):
    """Compares nothing with nothing."""

    async def CompareTemplates(self, request: Any, context: Any) -> matching_pb2.CompareTemplatesResponse:  # noqa: N802  # gRPC's name
        """An empty answer."""
        return matching_pb2.CompareTemplatesResponse()


@asynccontextmanager
async def irises(folder: Path, allowed: str = FUSION) -> AsyncIterator[int]:
    """An iris service with TLS; gives its port."""
    server = Server(Settings(port=0, drain_s=0.0, allowed_callers=allowed, **files(folder, "server")), 0)
    add = iris_pb2_grpc.add_IrisServiceServicer_to_server
    await server.start([Registration("biofusion.iris.v1.IrisService", lambda to: add(Irises(), to))])
    yield server.port
    await server.stop()


def files(folder: Path, name: str) -> dict[str, str]:
    """The settings of a certificate."""
    authority = str(folder / "authority.pem")
    own = {"tls_certificate": str(folder / f"{name}.pem"), "tls_key": str(folder / f"{name}.key")}
    return own | {"tls_client_authority" if name == "server" else "tls_authority": authority}


@asynccontextmanager
async def matcher(folder: Path, port: int, name: str = "fusion", host: str = "localhost") -> AsyncIterator[GrpcMatcher]:
    """Fusion's adapter of that service."""
    matchers = connect_all(Settings(iris_target=f"{host}:{port}", **files(folder, name)))
    yield matchers[Modality.IRIS]
    for each in matchers.values():
        await each.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates of a service, of fusion and of another program."""
    folder = tmp_path_factory.mktemp("tls")
    return certificates(folder, ("fusion", f"URI:{FUSION}", 2), ("kiosk", "URI:spiffe://example.org/kiosk", 2))


async def test_a_service_takes_calls_of_fusion_alone(folder: Path) -> None:
    """Another program of the same authority is told so, as is one at another name of the service."""
    async with irises(folder) as port:
        async with matcher(folder, port) as ours:
            assert [] == await ours.compare(PROBE, [], 10)
        async with matcher(folder, port, "kiosk") as others:
            assert "CALLER_NOT_ALLOWED" == await cause(others)
        async with matcher(folder, port, host="127.0.0.1") as misled:
            assert "CERTIFICATE_NAME" == await cause(misled)


async def cause(matcher: GrpcMatcher) -> str:
    """Why a call fails."""
    with pytest.raises(ServiceUnavailable) as caught:
        await matcher.compare(PROBE, [], 10)
    return caught.value.metadata["cause"]


async def test_both_sides_renew_their_certificates(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By another authority even, and without a restart of either."""
    monkeypatch.setattr(file_watch, "LOOK_S", 0.0)
    (tmp_path / "new").mkdir()
    new = certificates(tmp_path / "new", ("fusion", f"URI:{FUSION}", 2))
    names = [f"{name}.{end}" for name in ("server", "fusion") for end in ("pem", "key")] + ["authority.pem"]
    for name in names:
        copyfile(folder / name, tmp_path / name)
    async with irises(tmp_path) as port, matcher(tmp_path, port) as ours:
        assert [] == await ours.compare(PROBE, [], 10)
        for name in names:
            copyfile(new / name, tmp_path / name)
        assert [] == await ours.compare(PROBE, [], 10)
        async with matcher(folder, port) as late:
            assert "AUTHORITY_UNKNOWN" == await cause(late)


def test_other_machines_are_not_called_in_plain_text() -> None:
    """Unless a mesh is stated."""
    with pytest.raises(ConfigurationInvalid, match="BIOFUSION_FACE_TARGET=dns:///face:50051 is on another machine"):
        connect_all(Settings(face_target="dns:///face:50051"))


def test_a_matching_service_names_its_callers() -> None:
    """Else any program with a certificate could read templates."""
    with pytest.raises(ConfigurationInvalid, match="ALLOWED_CALLERS is needed"):
        Settings(tls_certificate="c", tls_key="k", tls_client_authority="a").check_callers_are_named()
