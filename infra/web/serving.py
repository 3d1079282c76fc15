"""An HTTP server on its socket, which ends by a signal as the other services do."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from biometrics.errors import ConfigurationInvalid

_CONNECTIONS = 256
"""Most connections at once: further ones get 503."""


class HttpServer(uvicorn.Server):
    """Ends with status 0 after a signal: uvicorn's own raises the signal again at the end."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """See uvicorn; a second signal ends it at once."""
        if threading.current_thread() is threading.main_thread():
            for each in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(each, self.handle_exit, each, None)
        yield


def http_server(app: Any, drain_s: float, certificate: str = "", key: str = "") -> HttpServer:
    """A server of an ASGI application.

    Args:
        app: the application.
        drain_s: seconds that running requests have after a signal.
        certificate: PEM file; "" for plain HTTP.
        key: PEM file of its private key.
    """
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        http="h11",
        limit_concurrency=_CONNECTIONS,
        timeout_graceful_shutdown=max(1, round(drain_s)),
        ssl_certfile=certificate or None,
        ssl_keyfile=key or None,
    )
    return HttpServer(config)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on this address; port 0 takes a free one. Raises ConfigurationInvalid: it cannot be."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()  # so that whoever is told the address can connect, and waits until the server runs
    except OSError as error:
        listening.close()
        raise ConfigurationInvalid(f"Cannot listen on {host}:{port}: {error.strerror}.") from error
    return listening
