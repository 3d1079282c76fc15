"""What goes over the wire between the adapter and a broker, here one that is told what to do."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import pytest
import stompman

from adapters.mosip_abis.configured import address_of
from adapters.mosip_abis.queue.broker import Address, Broker
from infra.settings import Settings
from tests.support.mosip_abis.stomp import Frame
from tests.support.tls import Authority

Answer = Callable[[bytes], Awaitable[bytes]]


class Scripted:
    """Takes connections, confirms all that asks for it, and notes the frames that it gets.

    Args:
        refuses: answers of the adapter that are answered with an ERROR.
    """

    def __init__(self, refuses: int = 0) -> None:
        self.frames: asyncio.Queue[stompman.AnyClientFrame] = asyncio.Queue()
        self.connections = 0
        self._refuses = refuses
        self._messages = [Frame("MESSAGE", {"message-id": "1", "ack": "a-1", "content-length": "3"}, b"one")]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        parser = stompman.FrameParser()
        while data := await reader.read(1 << 16):
            for frame in parser.parse_frames_from_chunk(data):
                for told in self._answers(frame):  # type: ignore[arg-type]  # a client's
                    writer.write(told.encoded())
        writer.close()

    def _answers(self, frame: stompman.AnyClientFrame) -> list[Frame]:
        if isinstance(frame, stompman.HeartbeatFrame):
            return []
        self.frames.put_nowait(frame)
        if isinstance(frame, stompman.ConnectFrame):
            return [Frame("CONNECTED", {"version": "1.2", "heart-beat": "10000,10000"})]
        if isinstance(frame, stompman.SendFrame) and self._refuses:
            self._refuses -= 1
            return [Frame("ERROR", {"message": "no"})]
        told = [Frame("RECEIPT", {"receipt-id": frame.headers["receipt"]})] if "receipt" in frame.headers else []
        if isinstance(frame, stompman.SubscribeFrame):
            named = {"subscription": frame.headers["id"], "destination": frame.headers["destination"]}
            told += [Frame("MESSAGE", {**each.headers, **named}, each.body) for each in self._messages]
        return told

    async def next(self, kind: type) -> stompman.AnyClientFrame:
        """The next frame of a kind; those before it are passed over."""
        while not isinstance(frame := await asyncio.wait_for(self.frames.get(), 20), kind):
            continue
        return frame


@asynccontextmanager
async def working(
    scripted: Scripted, answer: Answer, server_tls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Broker]:
    """The adapter's side, connected to a scripted broker."""
    server = await asyncio.start_server(scripted.serve, "127.0.0.1", 0, ssl=server_tls)
    port = server.sockets[0].getsockname()[1]
    broker = Broker(
        Address((("localhost" if tls else "127.0.0.1", port),), "us%65r", "p%41ss", "in", "out", tls), answer, 3
    )
    running = asyncio.create_task(broker.run())
    try:
        yield broker
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        server.close()


async def echo(message: bytes) -> bytes:
    """Answers with the message."""
    return message


async def test_a_message() -> None:
    """User and password go as they are, no more is taken than is worked on, and the answer goes first."""
    scripted = Scripted()
    async with working(scripted, echo) as broker:
        login = await scripted.next(stompman.ConnectFrame)
        assert ("us%65r", "p%41ss") == (login.headers["login"], login.headers["passcode"])
        subscribed = await scripted.next(stompman.SubscribeFrame)
        assert "3" == subscribed.headers["activemq.prefetchSize"]
        assert ("/queue/in", "client-individual") == (subscribed.headers["destination"], subscribed.headers["ack"])
        sent = await scripted.next(stompman.SendFrame)
        assert ("/queue/out", "3", "true") == tuple(
            sent.headers[each] for each in ("destination", "content-length", "persistent")
        )
        assert "a-1" == (await scripted.next(stompman.AckFrame)).headers["id"]
        assert broker.is_subscribed


async def test_an_answer_that_is_not_taken() -> None:
    """The message is not acknowledged, and taken again on another connection."""
    scripted = Scripted(refuses=1)
    async with working(scripted, echo):
        await scripted.next(stompman.SendFrame)
        found = await scripted.next(stompman.ConnectFrame | stompman.AckFrame)
        assert isinstance(found, stompman.ConnectFrame)
        await scripted.next(stompman.AckFrame)
    assert 2 == scripted.connections


async def test_an_outcome_that_cannot_be_kept(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is answered or acknowledged; the message is taken again on another connection."""
    failures = [OSError("MARKER")]

    async def once(message: bytes) -> bytes:
        if failures:
            raise failures.pop()
        return message

    scripted = Scripted()
    async with working(scripted, once):
        await scripted.next(stompman.SubscribeFrame)
        found = await scripted.next(stompman.ConnectFrame | stompman.SendFrame | stompman.AckFrame)
        assert isinstance(found, stompman.ConnectFrame)
        await scripted.next(stompman.AckFrame)
    assert "OSError" in caplog.text
    assert "MARKER" not in caplog.text


@contextmanager
def refused_certificates() -> Iterator[asyncio.Event]:
    """Is set when the adapter logs that it refused one."""
    found = asyncio.Event()

    class Told(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "SSLCertVerificationError" in record.getMessage():
                found.set()

    told, log = Told(), logging.getLogger("biofusion.mosip_abis")
    log.addHandler(told)
    yield found
    log.removeHandler(told)


@pytest.mark.parametrize("is_trusted", [True, False])
async def test_tls(tmp_path: Path, *, is_trusted: bool) -> None:
    """A broker whose certificate the authority signed is spoken to, and no other."""
    authority, other = (Authority.make(tmp_path, name) for name in ("authority", "other"))
    certificate = authority.sign("broker", "DNS:localhost")
    server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_tls.load_cert_chain(certificate.certificate, certificate.key)
    trusted = authority if is_trusted else other
    settings = Settings(mosip_abis_broker="localhost:1", mosip_abis_broker_authority=str(trusted.certificate))
    scripted = Scripted()
    with refused_certificates() as refused:
        async with working(scripted, echo, server_tls, address_of(settings).tls):
            if is_trusted:
                await scripted.next(stompman.AckFrame)
            else:
                await asyncio.wait_for(refused.wait(), 20)
    assert is_trusted or scripted.frames.empty()
