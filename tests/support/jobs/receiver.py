"""A real HTTP server that receives callbacks, for tests."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler

from tests.support.http_serving import answering


@dataclass
class Receiver:
    """Answers POST with the next of `codes`, 200 after the last; keeps headers and bodies.

    `url` is where it listens. A code of 0 stands for no answer: the connection is closed.
    """

    codes: list[int] = field(default_factory=list)
    received: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    @property
    def origin(self) -> str:
        """The URL without its path."""
        return self.url.rpartition("/")[0]


@contextmanager
def receiver(*codes: int) -> Iterator[Receiver]:
    """Opens a server on 127.0.0.1."""
    found = Receiver(list(codes))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.received.append((self.path, dict(self.headers), body))
            code = found.codes.pop(0) if found.codes else 200
            if code:
                self.send_response(code)
                self.send_header("Location", found.url)
                self.end_headers()

    with answering(Handler) as origin:
        found.url = f"{origin}/hook?a=b"
        yield found


def is_signed(headers: Mapping[str, str], body: bytes, secret: bytes) -> bool:
    """Whether the signature is that of this body, computed as the documentation tells a receiver to."""
    facts = dict(part.split("=", 1) for part in headers["Biofusion-Signature"].split(","))
    wanted = hmac.new(secret, facts["t"].encode() + b"." + body, sha256).hexdigest()
    return hmac.compare_digest(wanted, facts["v1"])
