"""Runs the console on its port until SIGTERM or SIGINT."""

from __future__ import annotations

import socket
from collections.abc import Callable

from biometrics.errors import ConfigurationInvalid
from console.app import build
from console.web.addresses import Addresses
from infra.settings import Settings
from infra.web.serving import HttpServer, http_server, listen


async def serve(settings: Settings, started: Callable[[str], None]) -> None:
    """Serve until a signal.

    Args:
        settings: of the console.
        started: is called with its address once it listens.

    Raises:
        ConfigurationInvalid: as `server_of`.
    """
    address, server, listening = server_of(settings)
    started(address)
    await server.serve(sockets=[listening])


def server_of(settings: Settings) -> tuple[str, HttpServer, socket.socket]:
    """The console's own address, its server, and the socket that it listens on. Inside a running event loop.

    Raises:
        ConfigurationInvalid: the port cannot be listened on, or only without TLS; or as `build` raises.
    """
    listening = listen(settings.console_host, settings.console_port)
    addresses = Addresses.of(settings, listening.getsockname()[1])
    try:
        _check_tls(settings, addresses)
        app = build(settings, addresses)
    except BaseException:
        listening.close()
        raise
    server = http_server(app, settings.drain_s, settings.console_tls_certificate, settings.console_tls_key)
    return addresses.own, server, listening


def _check_tls(settings: Settings, addresses: Addresses) -> None:
    if not (addresses.is_loopback or settings.console_tls_certificate or settings.allow_insecure_bind):
        raise ConfigurationInvalid(
            f"BIOFUSION_CONSOLE_HOST={settings.console_host} is reachable from other machines and TLS is off. Set "
            "BIOFUSION_CONSOLE_TLS_CERTIFICATE and BIOFUSION_CONSOLE_TLS_KEY, or "
            "BIOFUSION_ALLOW_INSECURE_BIND=true if something else protects the traffic."
        )
