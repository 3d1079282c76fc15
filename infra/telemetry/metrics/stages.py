"""Metrics of stages: where the time of calls goes. A stage is also a span of the call's trace."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Token
from functools import wraps
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from infra.telemetry.instruments import Histogram, listening
from infra.telemetry.metrics.calls import SECONDS
from infra.telemetry.traces import Trace, Work, current_trace, part_begun

STAGE_SECONDS = Histogram(
    "biofusion_stage_seconds",
    "Duration of a stage of a call, by service (fusion, face, fingerprint, iris) and stage, failed ones included.",
    (0.0001, 0.0002, 0.0005, *SECONDS),
    ("service", "stage"),
)

FUSION = "fusion"

P = ParamSpec("P")
T = TypeVar("T")


class stage:  # noqa: N801 - reads as a statement: with stage("fusion", "rank")
    """Context that measures a stage.

    Args:
        service: fusion, face, fingerprint or iris.
        name: of the stage.
    """

    __slots__ = ("_before", "_begin", "_name", "_service", "_work")

    def __init__(self, service: str, name: str) -> None:
        self._service, self._name, self._begin = service, name, 0.0
        self._work: Work | None = None
        self._before: Token[Trace | None] | None = None

    def __enter__(self) -> None:
        if listening.count:
            self._begin = time.perf_counter()
        if current_trace.get():
            self._work = part_begun(f"{self._service} {self._name}")
            if self._work:
                self._before = current_trace.set(self._work.trace)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._begin:
            STAGE_SECONDS.record(time.perf_counter() - self._begin, self._service, self._name)
        if self._work and self._before:
            current_trace.reset(self._before)
            self._work.ended(has_failed=kind is not None)


def stage_of_fusion(name: str) -> Callable[[Callable[P, Awaitable[T]]], Callable[P, Coroutine[Any, Any, T]]]:
    """Decorator: the function is a stage of the fusion service."""

    def measured(work: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
        @wraps(work)
        async def within(*args: P.args, **kwargs: P.kwargs) -> T:
            with stage(FUSION, name):
                return await work(*args, **kwargs)

        return within

    return measured
