"""A gRPC client of a running fusion service."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import grpc

from biometrics.errors import ServiceUnavailable
from cli.credentials import Credentials, showing
from cli.output.failures import unreachable
from cli.stubs import FusionStubs
from infra.identity.tls_files import TlsFiles
from infra.settings import PORTS, Settings
from infra.wire.addresses import is_this_machine
from infra.wire.connections import NO_PROXY, PROXY_VARIABLES, client_options
from infra.wire.diagnosis import diagnose
from infra.wire.faults import Fault, fault_of
from infra.wire.service_config import service_config
from infra.wire.status import error_info

DEFAULT_SERVER = f"127.0.0.1:{PORTS['fusion']}"


@dataclass(frozen=True, slots=True)
class Target:
    """The address of a server, and how to connect to it.

    Args:
        server: `host:port`.
        timeout_s: timeout of every call, seconds.
        credentials: what is shown to it.
    """

    server: str = DEFAULT_SERVER
    timeout_s: float = 30.0
    credentials: Credentials = field(default_factory=Credentials)


@contextmanager
def connect(target: Target) -> Iterator[FusionStubs]:
    """A stub on a channel that is closed at the end.

    Retries follow `fusion_grpc_service_config.json`; timeouts are the caller's. A server on this machine is reached
    without a proxy, others through the proxy that the environment names.

    Raises:
        ConfigurationInvalid: a file of its credentials cannot be used.
        ServiceUnavailable: there is no connection; the message says why.
    """
    target.credentials.check(target.server)
    files = target.credentials.tls_files()
    options = [
        *client_options(Settings().max_message_bytes),
        ("grpc.service_config", service_config(is_client=True)),
        *([NO_PROXY] if is_this_machine(target.server) else []),
    ]
    with _opened(target.server, files, options) as channel:
        try:
            yield FusionStubs(showing(channel, target.credentials))
        except grpc.RpcError as error:
            fault = _fault(error, channel, target.server, files)
            if fault:
                raise ServiceUnavailable(unreachable(fault), cause=fault.name) from error
            raise


def _opened(server: str, files: TlsFiles | None, options: list[tuple[str, str | int]]) -> grpc.Channel:
    if files is None:
        return grpc.insecure_channel(server, options)
    pem = files.current()
    shown = grpc.ssl_channel_credentials(pem.authority, pem.key or None, pem.certificate or None)
    return grpc.secure_channel(server, shown, options)


def _fault(error: grpc.RpcError, channel: grpc.Channel, server: str, files: TlsFiles | None) -> Fault | None:
    """The reason why there is no connection; None if there is one, because the server answered or took the call."""
    if error_info(error.trailing_metadata()).reason:
        return None
    code, details = error.code(), error.details() or ""
    if code is grpc.StatusCode.DEADLINE_EXCEEDED and not _is_connected(channel):
        return Fault.SILENT
    if code is not grpc.StatusCode.UNAVAILABLE:
        return None
    if is_this_machine(server) or not any(name in os.environ for name in PROXY_VARIABLES):
        return diagnose(details, server, files)
    fault = fault_of(details)
    return Fault.PROXY if fault is Fault.REFUSED else fault


def _is_connected(channel: grpc.Channel) -> bool:
    ready = grpc.channel_ready_future(channel)
    try:
        ready.result(timeout=0.5)  # an existing connection is reported at once
    except grpc.FutureTimeoutError:
        return False
    finally:
        ready.cancel()
    return True
