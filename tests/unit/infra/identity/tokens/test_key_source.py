"""Key sets from files, and over TLS from servers that answer in several ways."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from biometrics.errors import Unavailable
from infra.identity.tokens import key_source
from infra.identity.tokens.key_source import LARGEST, read_keys
from tests.support.tls import Authority


@asynccontextmanager
async def answering(
    folder: Path, answer: bytes, name: str = "DNS:localhost", *, is_hanging: bool = False
) -> AsyncIterator[str]:
    """A server with a certificate of `folder`'s authority; gives its URL."""
    signed = Authority(folder / "authority.pem", folder / "authority.key").sign("server", name)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(signed.certificate, signed.key)

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
            if is_hanging:
                await reader.read()
        except (OSError, EOFError):
            pass  # the client is gone
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async with await asyncio.start_server(answered, "127.0.0.1", 0, ssl=tls) as server:
        yield f"https://localhost:{server.sockets[0].getsockname()[1]}/keys"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files of an authority, which is the machine's."""
    monkeypatch.setenv("SSL_CERT_FILE", str(Authority.make(tmp_path, "authority").certificate))
    monkeypatch.setenv("no_proxy", "localhost")
    return tmp_path


async def cause(source: str) -> str:
    """Why no keys were had."""
    with pytest.raises(Unavailable) as caught:
        await read_keys(source)
    return caught.value.metadata["cause"]


async def test_keys_are_read_from_a_file(tmp_path: Path) -> None:
    """A missing or oversized file is told."""
    (tmp_path / "keys").write_bytes(b"{}")
    (tmp_path / "large").write_bytes(b" " * (LARGEST + 1))
    assert b"{}" == await read_keys(str(tmp_path / "keys"))
    assert "FileNotFoundError" == await cause(str(tmp_path / "none"))
    assert "ValueError" == await cause(str(tmp_path / "large"))


async def test_keys_are_read_by_https(folder: Path) -> None:
    """Of whatever length, up to a limit."""
    body = b"x" * 100_000
    async with answering(folder, b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + body) as url:
        assert body == await read_keys(url)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: https://localhost:1/\r\nContent-Length: 0\r\n\r\n", "302"),
        (b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", "500"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (LARGEST + 1), "ValueError"),
        (b"", "RemoteDisconnected"),
        (b"SSH-2.0\r\n", "BadStatusLine"),
    ],
)
async def test_other_answers_are_no_keys(folder: Path, answer: bytes, expected: str) -> None:
    """A redirection is not followed, and too much is not read."""
    async with answering(folder, answer) as url:
        assert expected == await cause(url)


async def test_the_servers_name_is_checked(folder: Path) -> None:
    """By its certificate: who could change the keys could sign any token."""
    async with answering(folder, b"HTTP/1.1 200 OK\r\n\r\n{}", "DNS:other.example") as url:
        assert "SSLCertVerificationError" == await cause(url)


async def test_a_hanging_server_is_left_in_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its keys are given up."""
    monkeypatch.setattr(key_source, "TIMEOUT_S", 0.2)
    async with answering(folder, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nx", is_hanging=True) as url:
        assert "TimeoutError" == await cause(url)
