"""An image store of a caller: pictures by opaque references."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from urllib.parse import unquote

from tests.support.http_serving import answering


@dataclass
class PictureServer:
    """A server on loopback.

    Args:
        address: below which its pictures are.
        pictures: by reference.
        moved: references that it answers with a redirection, and where to.
        asked: paths that were asked for, as they came.
        metrics: what it says at `/metrics`.
    """

    address: str = ""
    pictures: dict[str, bytes] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    metrics: bytes = b""


@contextmanager
def picture_server() -> Iterator[PictureServer]:
    """A running server."""
    known = PictureServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known.asked.append(self.path)
            reference = unquote(self.path.removeprefix("/pictures/"))
            if reference in known.moved:
                self.send_response(302)
                self.send_header("Location", known.moved[reference])
                self.end_headers()
                return
            data = known.metrics if self.path == "/metrics" else known.pictures.get(reference)
            self.send_response(404 if data is None else 200)
            self.send_header("Content-Length", str(len(data or b"")))
            self.end_headers()
            self.wfile.write(data or b"")

    with answering(Handler) as origin:
        known.address = f"{origin}/pictures/"
        yield known
