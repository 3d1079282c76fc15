"""Callbacks over TLS, and receivers that do not answer."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from biometrics.errors import ServiceUnavailable
from infra.callbacks import sending
from infra.callbacks.origins import Target
from tests.support.tls import Authority

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


@asynccontextmanager
async def serving(answer: Answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server on 127.0.0.1; gives its port."""

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        except OSError:
            pass  # the client is gone
        finally:
            writer.close()

    server = await asyncio.start_server(answered, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read a message, and answer that it was accepted."""
    await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(2)
    writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
    await writer.drain()


async def test_the_certificate_must_name_the_host(tmp_path: Path) -> None:
    """A message goes only to whom the authority names: not to another name, nor by another authority."""
    authority, other = Authority.make(tmp_path, "authority"), Authority.make(tmp_path, "other")
    signed = authority.sign("server", "DNS:localhost")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(signed.certificate, signed.key)
    trusting = ssl.create_default_context(cafile=str(authority.certificate))
    distrusting = ssl.create_default_context(cafile=str(other.certificate))
    async with serving(accept, tls) as port:
        target = Target("https", "localhost", port, "/", may_be_private=True)
        assert 202 == await sending.post(target, b"{}", {}, trusting)
        for host, context in (("127.0.0.1", trusting), ("localhost", distrusting), ("localhost", None)):
            target = Target("https", host, port, "/", may_be_private=True)
            with pytest.raises(ServiceUnavailable) as caught:
                await sending.post(target, b"{}", {}, context)
            assert "SSLCertVerificationError" == caught.value.metadata["cause"]


async def test_a_private_address_gets_no_byte() -> None:
    """The address is looked at before the connection is made."""
    reached = asyncio.Event()

    async def note(*_: object) -> None:
        reached.set()

    async with serving(note) as port:
        with pytest.raises(ServiceUnavailable) as caught:
            await sending.post(Target("http", "localhost", port, "/", may_be_private=False), b"{}", {})
    assert ("PRIVATE_ADDRESS", False) == (caught.value.metadata["cause"], reached.is_set())


async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Read, and never answer."""
    await reader.read()


async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a header without end, a byte at a time."""
    writer.write(b"HTTP/1.1 200 OK\r\nX: ")
    while not reader.at_eof():
        writer.write(b"x")
        await writer.drain()
        with suppress(TimeoutError):
            await asyncio.wait_for(reader.read(100), 0.01)


async def babbling(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send what is no HTTP."""
    writer.write(b"\0\xff" * 50_000)
    await writer.drain()


async def headed(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send headers without end."""
    writer.write(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000)
    await writer.drain()


@pytest.mark.parametrize("answer", [silent, dripping, babbling, headed])
async def test_a_receiver_without_an_answer_is_left(monkeypatch: pytest.MonkeyPatch, answer: Answer) -> None:
    """Silence, an answer without end, and what is no answer end the attempt, and leave no connection open."""
    monkeypatch.setattr(sending, "TIMEOUT_S", 0.2)
    async with serving(answer) as port:
        with pytest.raises(ServiceUnavailable):
            await sending.post(Target("http", "localhost", port, "/", may_be_private=True), b"{}", {})
