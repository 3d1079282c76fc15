"""HTTP servers in a thread of this process: of the product, and such as it calls."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread

from biometrics.errors import BiofusionError
from infra.web.serving import HttpServer

LOOK_S = 0.01
"""Seconds within which such as the product calls notices its end; the library's default is 0.5 s."""
Made = tuple[str, HttpServer, socket.socket]


@contextmanager
def served(make: Callable[[], Made]) -> Iterator[str]:
    """Its address. Raises what `make` raises, which is called inside the server's event loop."""
    started: Queue[tuple[str, HttpServer] | BiofusionError] = Queue()

    async def run() -> None:
        try:
            address, server, listening = make()
        except BiofusionError as error:
            started.put(error)
            return
        started.put((address, server))
        await server.serve(sockets=[listening])

    thread = Thread(target=lambda: asyncio.run(run()))
    thread.start()
    found = started.get(timeout=30)
    if isinstance(found, BiofusionError):
        raise found
    address, server = found
    try:
        yield address
    finally:
        server.should_exit = True
        thread.join(30)


@contextmanager
def answering(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The origin of a server on 127.0.0.1 whose requests this handler answers, without a word to standard error."""
    handler.log_message = _nothing  # type: ignore[method-assign]
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, args=(LOOK_S,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def _nothing(_handler: BaseHTTPRequestHandler, *_: object) -> None:
    """Instead of a line for each request."""
