"""A gRPC client of a running fusion service."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
import grpc

from biometrics.errors import ServiceUnavailable
from cli.output.failures import unreachable
from cli.stubs import FusionStubs
from infra.settings import PORTS, Settings
from infra.wire.addresses import is_this_machine
from infra.wire.connections import NO_PROXY, PROXY_VARIABLES, client_options
from infra.wire.diagnosis import diagnose
from infra.wire.faults import Fault, fault_of
from infra.wire.service_config import service_config
from infra.wire.status import error_info

F = TypeVar("F", bound=Callable[..., Any])
DEFAULT_SERVER = f"127.0.0.1:{PORTS['fusion']}"


@dataclass(frozen=True, slots=True)
class Target:
    """The address of a server, and how to connect to it.

    Args:
        server: `host:port`.
        tls_authority: PEM file of the authority that signed its certificate; None for no TLS.
        timeout_s: timeout of every call, seconds.
    """

    server: str = DEFAULT_SERVER
    tls_authority: Path | None = None
    timeout_s: float = 30.0


@contextmanager
def connect(target: Target) -> Iterator[FusionStubs]:
    """A stub on a channel that is closed at the end.

    Retries follow `fusion_grpc_service_config.json`; timeouts are the caller's. A server on this machine is reached
    without a proxy, others through the proxy that the environment names.

    Raises:
        OSError: the PEM file cannot be read.
        ServiceUnavailable: there is no connection; the message says why.
    """
    authority = target.tls_authority.read_bytes() if target.tls_authority else None
    options = [
        *client_options(Settings().max_message_bytes),
        ("grpc.service_config", service_config(is_client=True)),
        *([NO_PROXY] if is_this_machine(target.server) else []),
    ]
    if authority is None:
        channel = grpc.insecure_channel(target.server, options)
    else:
        channel = grpc.secure_channel(target.server, grpc.ssl_channel_credentials(authority), options)
    with channel:
        try:
            yield FusionStubs(channel)
        except grpc.RpcError as error:
            fault = _fault(error, channel, target.server, authority)
            if fault:
                raise ServiceUnavailable(unreachable(fault), cause=fault.name) from error
            raise


def _fault(error: grpc.RpcError, channel: grpc.Channel, server: str, authority: bytes | None) -> Fault | None:
    """The reason why there is no connection; None if there is one, because the server answered or took the call."""
    if error_info(error.trailing_metadata()).reason:
        return None
    code, details = error.code(), error.details() or ""
    if code is grpc.StatusCode.DEADLINE_EXCEEDED and not _is_connected(channel):
        return Fault.SILENT
    if code is not grpc.StatusCode.UNAVAILABLE:
        return None
    if is_this_machine(server) or not any(name in os.environ for name in PROXY_VARIABLES):
        return diagnose(details, server, authority)
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


def server_options(command: F) -> F:
    """Add `--server`, `--tls-authority`, `--timeout`; the command gets them as one `target`."""

    @click.option("--server", default=DEFAULT_SERVER, show_default=True, metavar="HOST:PORT", help="Where it listens.")
    @click.option(
        "--tls-authority", type=click.Path(path_type=Path), help="PEM file of the authority to trust: use TLS."
    )
    @click.option("--timeout", default=30.0, show_default=True, type=click.FloatRange(0.01, 3600), help="Seconds.")
    @wraps(command)
    def with_target(*args: Any, server: str, tls_authority: Path | None, timeout: float, **others: Any) -> Any:
        if not server.strip():
            raise click.BadParameter("state HOST:PORT.", param_hint="--server")
        return command(*args, target=Target(server, tls_authority, timeout), **others)

    return with_target  # type: ignore[return-value]  # click's decorators keep the callable's name, not its type
