"""Binding a server to its address."""

from __future__ import annotations

import grpc

from biometrics.errors import ConfigurationInvalid


def joined(host: str, port: int) -> str:
    """The address `host:port`, with brackets around an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def bound(server: grpc.aio.Server, address: str, credentials: grpc.ServerCredentials | None = None) -> int:
    """Let a server listen on an address, by TLS if there are credentials; returns the port.

    Raises:
        ConfigurationInvalid: it cannot.
    """
    try:
        if credentials is not None:
            return server.add_secure_port(address, credentials)
        return server.add_insecure_port(address)
    except RuntimeError as error:
        message = f"Cannot listen on {address}: the port is in use, or the address is not of this machine."
        raise ConfigurationInvalid(message) from error
