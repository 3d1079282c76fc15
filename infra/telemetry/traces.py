"""Traces (W3C Trace Context): which call a piece of work belongs to, and spans of those calls that are recorded.

The header `traceparent` of a call is passed on to the calls made for it, and its trace id stands in the log lines. A
call without one begins a trace if somebody collects spans. Spans are made only of sampled traces, and handed to the
collector when they end (`otlp.py`).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from random import getrandbits, random

HEADER = "traceparent"
_FORM = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")
_VERSION_0 = 55
"""Length of the header in version 00; later versions may append parts."""


@dataclass(frozen=True, slots=True)
class Trace:
    """The trace and the span in it that the current work belongs to.

    Args:
        trace_id: 32 hexadecimal digits.
        span_id: 16 hexadecimal digits.
        is_sampled: whether spans are recorded.
    """

    trace_id: str
    span_id: str
    is_sampled: bool

    @property
    def header(self) -> str:
        """Value of `traceparent` for a call that is made for this work."""
        return f"00-{self.trace_id}-{self.span_id}-{int(self.is_sampled):02x}"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of work that has ended.

    Args:
        name: what was done.
        of: the trace, and the span's own id.
        parent_id: the span that it is a part of; "" if none.
        begin_ns: nanoseconds since 1970.
        end_ns: nanoseconds since 1970.
        labels: facts about it, as those of metrics.
        is_call: whether it is a whole call of this server.
        has_failed: whether it ended with an error.
    """

    name: str
    of: Trace
    parent_id: str
    begin_ns: int
    end_ns: int
    labels: tuple[tuple[str, str], ...]
    is_call: bool
    has_failed: bool


@dataclass(slots=True)
class Collector:
    """Who collects spans.

    Args:
        take: takes a span that has ended; None: nobody collects any.
        share: share of the calls without a `traceparent` whose traces are sampled, 0–1.
    """

    take: Callable[[Span], None] | None = None
    share: float = 0.0


collector = Collector()

current_trace: ContextVar[Trace | None] = ContextVar("current_trace", default=None)
"""The trace of the call that this task, or a worker thread working for it, serves."""


class Work:
    """Work that is being done, whose span may be recorded. Its trace must be made current by who begins it."""

    __slots__ = ("_begin_ns", "_is_call", "_labels", "_name", "_parent_id", "trace")

    def __init__(
        self, name: str, trace: Trace, parent_id: str, labels: tuple[tuple[str, str], ...], *, is_call: bool
    ) -> None:
        self._name, self.trace, self._parent_id, self._labels = name, trace, parent_id, labels
        self._is_call, self._begin_ns = is_call, time.time_ns()

    def ended(self, *more: tuple[str, str], has_failed: bool) -> None:
        """Hand over its span, with more labels."""
        if collector.take:
            labels = (*self._labels, *more)
            times = self._begin_ns, time.time_ns()
            collector.take(Span(self._name, self.trace, self._parent_id, *times, labels, self._is_call, has_failed))


def call_begun(method: str, metadata: object) -> Work | None:
    """Make the trace of a call of this server current; the work is None unless a span of it is recorded."""
    sent = _sent(metadata)
    if collector.take is None or (sent and not sent.is_sampled):
        current_trace.set(sent)
        return None
    trace = Trace(sent.trace_id, _new_id(64), is_sampled=True) if sent else _new_trace()
    current_trace.set(trace)
    return Work(method, trace, sent.span_id if sent else "", (), is_call=True) if trace.is_sampled else None


def part_begun(name: str, *labels: tuple[str, str]) -> Work | None:
    """A part of the current call, if spans of it are recorded."""
    of = current_trace.get()
    if of is None or not of.is_sampled or collector.take is None:
        return None
    return Work(name, Trace(of.trace_id, _new_id(64), is_sampled=True), of.span_id, labels, is_call=False)


def metadata_of_trace() -> tuple[tuple[str, str], ...]:
    """What a call made for the current work is to carry."""
    of = current_trace.get()
    return ((HEADER, of.header),) if of else ()


def trace_of(header: str) -> Trace | None:
    """The trace that a header names; None if it has not the form of the standard."""
    found = _FORM.fullmatch(header)
    if found is None or (header.startswith("00") and len(header) != _VERSION_0):
        return None
    return Trace(found[1], found[2], is_sampled=bool(int(found[3], 16) & 1))


def _sent(metadata: object) -> Trace | None:
    pairs: Iterable[tuple[str, object]] = metadata or ()  # type: ignore[assignment]  # grpc's types differ by call kind
    return next((trace_of(value) for key, value in pairs if key == HEADER and isinstance(value, str)), None)


def _new_trace() -> Trace:
    return Trace(_new_id(128), _new_id(64), is_sampled=random() < collector.share)  # noqa: S311 - no secret


def _new_id(bits: int) -> str:
    return f"{getrandbits(bits) or 1:0{bits // 4}x}"
