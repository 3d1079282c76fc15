"""Errors → one sentence on standard error, an exit code, and for machines a JSON object on standard output."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field

import click
import grpc

from biometrics.errors import BiofusionError, ConfigurationInvalid
from infra.extras import advice
from infra.wire.faults import Fault, fault_of
from infra.wire.status import code_of, error_info

MATCH, NO_MATCH, REVIEW, USAGE, PRECONDITION, UNAVAILABLE, INTERNAL = range(7)
INTERRUPTED = 130

EXIT_CODES = {
    grpc.StatusCode.INVALID_ARGUMENT: USAGE,
    grpc.StatusCode.NOT_FOUND: PRECONDITION,
    grpc.StatusCode.ALREADY_EXISTS: PRECONDITION,
    grpc.StatusCode.FAILED_PRECONDITION: PRECONDITION,
    grpc.StatusCode.PERMISSION_DENIED: PRECONDITION,
    grpc.StatusCode.UNIMPLEMENTED: PRECONDITION,
    grpc.StatusCode.UNAUTHENTICATED: PRECONDITION,
    grpc.StatusCode.PERMISSION_DENIED: PRECONDITION,
    grpc.StatusCode.UNAVAILABLE: UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED: UNAVAILABLE,
    grpc.StatusCode.RESOURCE_EXHAUSTED: UNAVAILABLE,
}
"""Any other status is INTERNAL."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What the user is told about an error.

    Args:
        exit_code: exit code of the process.
        reason: UPPER_SNAKE identifier.
        message: what is wrong and what to do.
        metadata: facts.
    """

    exit_code: int
    reason: str
    message: str
    metadata: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """`{"error": {…}}`, the metadata by name."""
        error = {"reason": self.reason, "message": self.message, "metadata": dict(sorted(self.metadata.items()))}
        return json.dumps({"error": error}, ensure_ascii=False)


def failure_of(error: BaseException) -> Failure:
    """The failure to report for an error."""
    match error:
        case click.Abort():
            return Failure(INTERRUPTED, "INTERRUPTED", "Interrupted.")
        case click.ClickException():
            return Failure(USAGE, "USAGE", " ".join(error.format_message().split()))
        case BiofusionError():
            code = USAGE if isinstance(error, ConfigurationInvalid) else EXIT_CODES.get(code_of(error), INTERNAL)
            return Failure(code, error.reason, error.message, error.metadata)
        case grpc.RpcError():
            return _of_call(error)
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            return Failure(USAGE, "FILE", f"{where}{error.strerror or error}. Check the path and its permissions.")
    return _other(error)


def report(error: BaseException, *, as_json: bool) -> int:
    """Print the failure and return its exit code."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return USAGE
    failure = failure_of(error)
    if isinstance(error, click.UsageError) and error.ctx:
        click.echo(error.ctx.get_usage(), err=True)
    click.echo(failure.message, err=True)
    if as_json:
        with suppress(OSError):  # standard output may be what failed
            click.echo(failure.to_json())
    return failure.exit_code


def _other(error: BaseException) -> Failure:
    """A missing extra, or a bug."""
    if told := advice(error):
        return Failure(USAGE, "EXTRA_MISSING", told)
    return Failure(
        INTERNAL,
        "INTERNAL",
        f"An internal error ({type(error).__name__}). Set BIOFUSION_LOG_LEVEL=DEBUG to see where, and report it.",
    )


def _of_call(error: grpc.RpcError) -> Failure:
    code, info = error.code(), error_info(error.trailing_metadata())
    message, facts = error.details() or "", dict(info.metadata)
    if not info.reason and code is grpc.StatusCode.UNAVAILABLE:
        fault = fault_of(message)
        message, facts = unreachable(fault), {"cause": fault.name}
    elif not info.reason:
        message = _SILENT.get(code, f"The server answered {code.name}: {message}.")
    elif code is grpc.StatusCode.UNIMPLEMENTED:
        message = f"{message} {_SILENT[code]}"
    return Failure(EXIT_CODES.get(code, INTERNAL), info.reason or code.name, message, facts)


def unreachable(fault: Fault) -> str:
    """A sentence on why there is no connection, and what to do."""
    return f"The server cannot be reached: {fault}. {_REMEDIES[fault]}"


_START = "Start one with `biofusion serve`, or state its --server."
_REMEDIES = {
    Fault.REFUSED: _START,
    Fault.NAME_UNKNOWN: "Check --server: HOST:PORT, with nothing like http:// before it.",
    Fault.SILENT: "Check --server and what stands between, or try again later.",
    Fault.TLS: "State the PEM file of the authority that signed its certificate as --tls-authority.",
    Fault.CLOSED: "State its --tls-authority, or try again if it was just stopping.",
    Fault.NO_TLS: "Check --server, or leave --tls-authority out if what is sent may be read on the way.",
    Fault.CERTIFICATE_NAME: "State as --server a name or address that the certificate is for.",
    Fault.CERTIFICATE_EXPIRED: "Give the server a new one.",
    Fault.CERTIFICATE_EARLY: "Check the clocks of both machines.",
    Fault.AUTHORITY_UNKNOWN: "State the PEM file of the authority that signed it as --tls-authority.",
    Fault.CERTIFICATE_MISSING: "State one as --tls-certificate and --tls-key, or use its port for tokens.",
    Fault.SHOWN_REFUSED: "Use one that is signed by the authority of its BIOFUSION_TLS_CLIENT_AUTHORITY.",
    Fault.SHOWN_EXPIRED: "Renew it, and check the clocks of both machines.",
    Fault.CERTIFICATE_REFUSED: "Check --tls-authority and the server's certificate.",
    Fault.NO_GRPC: "Check the port of --server.",
    Fault.PROXY: "Name the server in no_proxy, or repair the proxy.",
    Fault.LOST: "Try again.",
    Fault.UNKNOWN: _START,
}
_SILENT = {
    grpc.StatusCode.DEADLINE_EXCEEDED: "The server did not answer in time. Try again, or raise --timeout.",
    grpc.StatusCode.UNIMPLEMENTED: (
        "The server does not know this call: its version is not that of this command, or it is another service. "
        "Run the same version of both, and check --server."
    ),
}
"""The message by status code, where the server sent none of its own; of UNIMPLEMENTED also after it."""
