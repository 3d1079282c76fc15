from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from biometrics.errors import ServiceUnavailable
from biometrics.template import Modality
from cli.main import cli
from fusion.matching.connect import connect
from infra.identity.tls_files import TlsFiles
from infra.serving.server import Server
from infra.settings import Settings
from infra.wire.faults import Fault
from tests.support.tls import Authority
from tests.unit.fusion.world import template

Serve = Callable[[str], str]
PROBE = template(Modality.IRIS, "ann")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """PEM files of two authorities, and of certificates that they signed."""
    folder = tmp_path_factory.mktemp("tls")
    authority = Authority.make(folder, "authority")
    Authority.make(folder, "other").sign("stranger", "URI:spiffe://example.org/fusion")
    authority.sign("good", "DNS:localhost,IP:127.0.0.1")
    authority.sign("named", "DNS:face.example")
    authority.sign("expired", "DNS:localhost,IP:127.0.0.1", days=-1)
    authority.sign("aged", "URI:spiffe://example.org/fusion", days=-1)
    return folder


@pytest.fixture
async def serve(folder: Path) -> AsyncIterator[Callable[[str], object]]:
    """Start a server with or without a certificate, which may ask callers for one; returns its port."""
    servers = []

    async def start(certificate: str, asks_by: str = "") -> int:
        files = {f"tls_{what}": str(folder / f"{certificate}.{end}") for what, end in _FILES} if certificate else {}
        files |= {"tls_client_authority": str(folder / f"{asks_by}.pem")} if asks_by else {}
        server = Server(Settings(port=0, **files), 0)
        await server.start([])
        servers.append(server)
        return server.port

    yield start
    for server in servers:
        await server.stop()


_FILES = (("certificate", "pem"), ("key", "key"))


@pytest.fixture
async def speaker() -> AsyncIterator[Callable[[bytes], object]]:
    """Start a server that accepts connections and sends some bytes, or none; returns its port."""
    servers, over = [], asyncio.Event()

    async def start(words: bytes) -> int:
        async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if not words:
                await over.wait()
            await reader.read(1)
            writer.write(words)
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(speak, "127.0.0.1", 0)
        servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    yield start
    over.set()
    for server in servers:
        server.close()


@pytest.fixture
def nobody() -> Iterator[int]:
    """A reserved port on which nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


async def told(
    host: str, port: int, authority: Path | None, timeout_s: float, shown: Path | None = None
) -> tuple[str, str, str]:
    """Causes as fusion and the command report them, and the command's sentence."""
    pair = (f"{shown}.pem", f"{shown}.key") if shown else ("", "")
    files = TlsFiles(*pair, str(authority)) if authority else None
    matcher = connect(Modality.IRIS, f"{host}:{port}", 1 << 20, files)
    with pytest.raises(ServiceUnavailable) as caught:
        await matcher.compare(PROBE, [PROBE], timeout_s)
    await matcher.close()
    words = ["list", "--server", f"{host}:{port}", "--timeout", str(timeout_s)]
    words += ["--tls-authority", str(authority)] if authority else []
    words += ["--tls-certificate", pair[0], "--tls-key", pair[1]] if shown else []
    result = await asyncio.to_thread(CliRunner().invoke, cli, words)
    assert 5 == result.exit_code
    fault = next((each for each in Fault if f": {each}." in result.stderr), None)
    return caught.value.metadata["cause"], fault.name if fault else "", result.stderr


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
@pytest.mark.parametrize(
    ("certificate", "authority", "fault", "remedy"),
    [
        ("named", "authority", Fault.CERTIFICATE_NAME, "--server"),
        ("expired", "authority", Fault.CERTIFICATE_EXPIRED, "new one"),
        ("good", "other", Fault.AUTHORITY_UNKNOWN, "--tls-authority"),
        ("good", "", Fault.TLS, "--tls-authority"),
        ("", "authority", Fault.NO_TLS, "--tls-authority"),
    ],
)
async def test_tls_faults_are_named(
    host: str, certificate: str, authority: str, fault: Fault, remedy: str, serve: Callable[[str], object], folder: Path
) -> None:
    """By fusion for its services and by the command, which also gives advice; for every address of the name."""
    port = await serve(certificate)
    causes = await told(host, port, folder / f"{authority}.pem" if authority else None, 10.0)
    assert (fault.name, fault.name) == causes[:2]
    assert remedy in causes[2]


@pytest.mark.parametrize(
    ("shown", "fault", "remedy"),
    [
        ("", Fault.CERTIFICATE_MISSING, "--tls-certificate"),
        ("stranger", Fault.SHOWN_REFUSED, "BIOFUSION_TLS_CLIENT_AUTHORITY"),
        ("aged", Fault.SHOWN_EXPIRED, "Renew it"),
    ],
)
async def test_refused_certificates_of_callers_are_named(
    shown: str, fault: Fault, remedy: str, serve: Callable[[str, str], object], folder: Path
) -> None:
    """Although gRPC only says that the connection was closed."""
    port = await serve("good", "authority")
    causes = await told("localhost", port, folder / "authority.pem", 10.0, folder / shown if shown else None)
    assert (fault.name, fault.name) == causes[:2]
    assert remedy in causes[2]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
@pytest.mark.parametrize(
    ("words", "fault"), [(b"HTTP/1.1 400 Bad Request\r\n\r\n", Fault.NO_GRPC), (b"", Fault.SILENT)]
)
async def test_other_listeners_are_named(
    host: str, words: bytes, fault: Fault, speaker: Callable[[bytes], object]
) -> None:
    """A server that does not speak gRPC, or one that accepts connections and hangs."""
    port = await speaker(words)
    assert (fault.name, fault.name) == (await told(host, port, None, 1.5 if not words else 10.0))[:2]


async def test_a_closed_port_is_named(nobody: int) -> None:
    """The message says how to start a server."""
    *causes, sentence = await told("127.0.0.1", nobody, None, 10.0)
    assert [Fault.REFUSED.name] * 2 == causes
    assert "biofusion serve" in sentence


async def test_a_name_without_an_address_is_named() -> None:
    """Names under .invalid never have one (RFC 2606)."""
    causes = await told("face.invalid", 50051, None, 10.0)
    assert (Fault.NAME_UNKNOWN.name, Fault.NAME_UNKNOWN.name) == causes[:2]
