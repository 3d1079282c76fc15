"""Names whose addresses change between two questions."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler

import pytest

from biometrics.errors import ServiceUnavailable
from infra.callbacks.fetching import fetch
from infra.callbacks.origins import Origins, Resolve
from infra.callbacks.sending import post
from tests.support.http_serving import answering
from tests.support.name_server import NameServer

HOST = "store.example.org"


@dataclass
class Inside:
    """A server that is not for everybody.

    Args:
        origin: where it listens.
        asked: paths that came.
    """

    origin: str = ""
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def inside() -> Iterator[Inside]:
    """It."""
    found = Inside()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"inside")

        do_POST = do_GET  # noqa: N815 - as http.server calls it

    with answering(Handler) as origin:
        found.origin = origin
        yield found


@pytest.fixture
async def names() -> AsyncIterator[NameServer]:
    """A name server."""
    server = NameServer()
    await server.start()
    yield server
    server.stop()


def question() -> bytes:
    """For the addresses of HOST (RFC 1035)."""
    labels = b"".join(bytes([len(each)]) + each.encode() for each in HOST.split("."))
    return b"\x07\x07\x01\0\0\1\0\0\0\0\0\0" + labels + b"\0\0\1\0\1"


def asking(names: NameServer) -> Resolve:
    """Looks the name up at this server, each time anew."""

    def resolve(_host: str, _port: int) -> list[str]:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asks:
            asks.settimeout(30)
            asks.sendto(question(), ("127.0.0.1", names.port))
            answer = asks.recv(512)
        start = len(question())
        return [socket.inet_ntoa(answer[at + 12 : at + 16]) for at in range(start, len(answer), 16)]

    return resolve


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "8.8.8.8"]])
async def test_a_name_that_leads_inside_is_not_followed(
    names: NameServer, inside: Inside, addresses: list[str]
) -> None:
    """One private address among those of the name is enough, whatever the name had before."""
    origin = f"https://{HOST}:{inside.origin.rpartition(':')[2]}"
    target = replace(Origins.parse(origin), resolve=asking(names)).target(f"{origin}/x")
    names.addresses = ["8.8.8.8"]
    assert "8.8.8.8" == await asyncio.to_thread(target.address)
    names.addresses = addresses
    for send in (fetch(target, 100), post(target, b"{}", {})):
        with pytest.raises(ServiceUnavailable) as caught:
            await send
        assert "PRIVATE_ADDRESS" == caught.value.metadata["cause"]
    assert [] == inside.asked


async def test_a_connection_looks_its_name_up_once(names: NameServer, inside: Inside) -> None:
    """It is made to the address that was checked: there is no second answer that could be another."""
    origin = inside.origin
    names.addresses = ["127.0.0.1"]
    target = replace(Origins.parse(origin), resolve=asking(names)).target(f"{origin}/x")
    assert b"inside" == await fetch(target, 100)
    assert [HOST] == names.asked
    assert ["/x"] == inside.asked
