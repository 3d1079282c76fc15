"""What a client shows to a server: a certificate or a token, and what its calls are for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import grpc

from biometrics.errors import ConfigurationInvalid
from infra.identity.intent import Intent
from infra.identity.tls_files import TlsFiles
from infra.identity.tokens.token_check import LONGEST
from infra.wire.addresses import is_this_machine


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is shown.

    Args:
        authority: PEM file of the authority that signed the server's certificate; "" for no TLS.
        certificate: PEM file of the client's certificate; "" without one.
        key: PEM file of its key.
        token_file: file of a token, which is read at every call, so that it can be replaced meanwhile; "" without one.
        intent: what the calls are for.
    """

    authority: str = ""
    certificate: str = ""
    key: str = ""
    token_file: str = ""
    intent: Intent = field(default_factory=Intent)

    def tls_files(self) -> TlsFiles | None:
        """The files for TLS; None without.

        Raises:
            ConfigurationInvalid: they cannot be used, or one of them is missing.
        """
        if bool(self.certificate) != bool(self.key):
            raise ConfigurationInvalid("--tls-certificate and --tls-key are needed together.")
        if self.certificate and not self.authority:
            raise ConfigurationInvalid("A certificate is shown by TLS only: state --tls-authority.")
        return TlsFiles(self.certificate, self.key, self.authority) if self.authority else None

    def check(self, server: str) -> None:
        """Refuse to send a token in plain text to another machine. Raises ConfigurationInvalid."""
        if self.token_file and not (self.authority or is_this_machine(server)):
            raise ConfigurationInvalid(
                "A token is not sent to another machine without TLS, where others could read and use it. State "
                "--tls-authority."
            )

    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What goes with every call. Raises OSError, ConfigurationInvalid: the token's file cannot be used."""
        if not self.token_file:
            return self.intent.metadata
        token = Path(self.token_file).read_text(encoding="ascii", errors="replace").strip()
        if not token or len(token) > LONGEST or not token.isascii() or not token.isprintable():
            raise ConfigurationInvalid(f"{self.token_file} does not contain a token, in one line.")
        return (*self.intent.metadata, ("authorization", f"Bearer {token}"))


def showing(channel: grpc.Channel, credentials: Credentials) -> grpc.Channel:
    """The channel, whose calls show these credentials."""
    return grpc.intercept_channel(channel, _Showing(credentials))


class _Details(NamedTuple):
    """A call's details with more metadata."""

    method: str
    timeout: float | None
    metadata: tuple[tuple[str, str | bytes], ...]
    credentials: grpc.CallCredentials | None
    wait_for_ready: bool | None
    compression: Any


class _Showing(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    """Adds the credentials' metadata to calls."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def intercept_unary_unary(self, continuation: Callable[..., Any], details: Any, request: Any) -> Any:
        """See grpc."""
        return continuation(self._added(details), request)

    def intercept_unary_stream(self, continuation: Callable[..., Any], details: Any, request: Any) -> Any:
        """See grpc."""
        return continuation(self._added(details), request)

    def _added(self, details: Any) -> Any:
        metadata = (*(details.metadata or ()), *self._credentials.metadata())
        more = getattr(details, "wait_for_ready", None), getattr(details, "compression", None)
        return _Details(details.method, details.timeout, metadata, details.credentials, *more)
