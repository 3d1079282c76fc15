"""A gRPC client of a running fusion service."""

from __future__ import annotations

import importlib.resources
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
import grpc
from biofusion.fusion.v1.fusion_pb2_grpc import FusionServiceStub

from infra.settings import PORTS, Settings

F = TypeVar("F", bound=Callable[..., Any])
DEFAULT_SERVER = f"127.0.0.1:{PORTS['fusion']}"


@dataclass(frozen=True, slots=True)
class Target:
    """Which server, and how to reach it.

    Args:
        server: `host:port`.
        tls_authority: PEM file of the authority that signed its certificate; None: no TLS.
        timeout_s: of every call.
    """

    server: str = DEFAULT_SERVER
    tls_authority: Path | None = None
    timeout_s: float = 30.0


@contextmanager
def connect(target: Target) -> Iterator[FusionServiceStub]:
    """A stub on a channel that is closed at the end.

    Retries are those of `fusion_grpc_service_config.json`; its timeout is left to the caller.

    Raises:
        OSError: the PEM file cannot be read.
    """
    limit = Settings().max_message_bytes
    options = [
        ("grpc.service_config", _service_config()),
        ("grpc.max_receive_message_length", limit),
        ("grpc.max_send_message_length", limit),
    ]
    if target.tls_authority:
        credentials = grpc.ssl_channel_credentials(target.tls_authority.read_bytes())
        channel = grpc.secure_channel(target.server, credentials, options)
    else:
        channel = grpc.insecure_channel(target.server, options)
    with channel:
        yield FusionServiceStub(channel)


def _service_config() -> str:
    config = importlib.resources.files("biofusion.fusion.v1").joinpath("fusion_grpc_service_config.json")
    settings = json.loads(config.read_text(encoding="utf-8"))
    for methods in settings["methodConfig"]:
        methods.pop("timeout", None)
    return json.dumps(settings)


def server_options(command: F) -> F:
    """Add `--server`, `--tls-authority`, `--timeout`; the command gets them as one `target`."""

    @click.option("--server", default=DEFAULT_SERVER, show_default=True, metavar="HOST:PORT", help="Where it listens.")
    @click.option(
        "--tls-authority", type=click.Path(path_type=Path), help="PEM file of the authority to trust: use TLS."
    )
    @click.option("--timeout", default=30.0, show_default=True, type=click.FloatRange(0.01, 3600), help="Seconds.")
    @wraps(command)
    def with_target(*args: Any, server: str, tls_authority: Path | None, timeout: float, **others: Any) -> Any:
        return command(*args, target=Target(server, tls_authority, timeout), **others)

    return with_target  # type: ignore[return-value]  # click's decorators keep the callable's name, not its type
