"""An HTTP server of the product in a thread of this process."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Queue
from threading import Thread

from biometrics.errors import BiofusionError
from infra.web.serving import HttpServer

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
