"""Metrics of calls: how many, how long, how they ended, and what waits."""

from __future__ import annotations

from infra.telemetry.instruments import Counter, Histogram, Observed
from infra.telemetry.traces import Work, call_begun

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Upper bounds of the classes of durations."""

CALL_SECONDS = Histogram(
    "biofusion_call_seconds",
    "Duration of calls that have ended, by method and gRPC status; refusals before admission are not among them.",
    SECONDS,
    ("method", "code"),
)
REFUSED = Counter(
    "biofusion_calls_refused_total",
    "Calls refused before they were admitted, as they could not have been answered in time.",
    ("method",),
)
ADMITTED = Observed("biofusion_calls_admitted", "Calls that are admitted and not yet answered.")
WAITING = Observed("biofusion_calls_waiting", "Admitted calls that wait for a place among those worked on.")
AT_ONCE = Observed("biofusion_calls_at_once_limit", "Most calls that are worked on at once now.")
MESSAGE_BYTES = Observed("biofusion_message_bytes", "Memory of the messages of admitted calls, bytes.")
STREAMS = Observed("biofusion_streams_open", "Streams that are open, without health watches and reflection.")

OF_GRPC = "/grpc."
"""Prefix of health checks and reflection: never refused, since an orchestrator restarts a server without health."""

UNKNOWN = "unknown"
"""Methods that no server of this process has are counted together, as callers may send any name."""

OK = "OK"

_names: dict[str, str] = {}
"""Names of the methods that there are, by full name."""


def known(method: str) -> None:
    """Count the calls of a method, `/biofusion.fusion.v1.DecisionService/VerifySubject`, as calls of its own."""
    _names[method] = method.rpartition(".")[2]


def begun(method: str, metadata: object) -> Work | None:
    """Begin a call: its trace is current from now on. The work is None unless a span of it is recorded."""
    return None if method.startswith(OF_GRPC) else call_begun(_names.get(method, UNKNOWN), metadata)


def ended(method: str, code: str, took_ms: float, work: Work | None) -> None:
    """Count a call that has ended, unless it is one of gRPC's own, and hand over its span.

    Args:
        method: full name.
        code: name of the gRPC status.
        took_ms: its duration, milliseconds.
        work: its span, if one is recorded.
    """
    if not method.startswith(OF_GRPC):
        CALL_SECONDS.record(took_ms / 1000, _names.get(method, UNKNOWN), code)
    if work:
        work.ended(("rpc.grpc.status", code), has_failed=code != OK)


def refused(method: str) -> None:
    """Count a call that is refused before admission."""
    REFUSED.add(1, _names.get(method, UNKNOWN))
