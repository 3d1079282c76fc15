"""Circuit breaker: while a matching service hangs, its calls are refused at once instead of each waiting for it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from biometrics.errors import ServiceUnavailable

log = logging.getLogger("biofusion.breaker")

PATIENCE_S = 1.0
"""Seconds of silence, while calls wait, after which a health check is sent; also the time it has to answer."""

ASKED_AT_ONCE = 3
"""Health checks sent together: load balancing spreads them over the backends, and one answer is enough."""

_NO_ANSWER = (grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)


class Ping(Protocol):
    """A health check of a service."""

    def __call__(self, timeout_s: float, *, reconnecting: bool) -> Awaitable[bool]:
        """Return whether the service answered in time.

        A refused connection counts as an answer, as calls then fail at once by themselves. With `reconnecting` it does
        not: the check waits for a connection until the time is up.
        """


class Cancellable(Protocol):
    """A call in flight."""

    def cancel(self) -> bool:
        """End the call."""


class HealthPing:
    """Checks the whole process by `grpc.health.v1` (service ""), on the channel that the calls use.

    A process that is stopped, frozen or deadlocked in its event loop does not answer; one that is merely busy does.
    """

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub: Any = health_pb2_grpc.HealthStub(channel)

    async def __call__(self, timeout_s: float, *, reconnecting: bool) -> bool:
        """See Ping."""
        asked = [asyncio.ensure_future(self._check(timeout_s, reconnecting)) for _ in range(ASKED_AT_ONCE)]
        try:
            for each in asyncio.as_completed(asked):
                if await each:
                    return True
            return False
        finally:
            for each in asked:
                each.cancel()

    async def _check(self, timeout_s: float, reconnecting: bool) -> bool:  # noqa: FBT001  # private, one caller
        request = health_pb2.HealthCheckRequest()
        try:
            await self._stub.Check(request, timeout=timeout_s, wait_for_ready=reconnecting)
        except grpc.aio.AioRpcError as error:
            refused = error.code() is grpc.StatusCode.UNAVAILABLE and not reconnecting
            return refused or error.code() not in _NO_ANSWER
        return True


class Breaker:
    """Watches the calls of one service. States: closed (calls are made) and open (calls are refused at once).

    1. If calls wait and no call has been answered for `patience_s`, send a health check. A single call that runs out of
       time, or waits behind others, is no sign of a service that hangs.
    2. No answer within `patience_s`: open. No answer to a second check of twice that time: end the waiting calls.
    3. Repeat the check until it is answered, then close. No caller's request is used as a trial.

    Args:
        name: name of the service, for messages.
        ping: the health check.
        patience_s: seconds of silence that are tolerated.
    """

    def __init__(self, name: str, ping: Ping, patience_s: float = PATIENCE_S) -> None:
        self.is_open = False
        self._name = name
        self._ping = ping
        self._patience_s = patience_s
        self._calls: set[Cancellable] = set()
        self._heard_at = time.monotonic()
        self._watch: asyncio.Task[None] | None = None

    def check(self) -> None:
        """Return if the breaker is closed.

        Raises:
            ServiceUnavailable: it is open: the service hangs.
        """
        if self.is_open:
            raise self._silence()

    @contextmanager
    def waiting_for(self, call: Cancellable) -> Iterator[None]:
        """Context in which to await the call.

        Raises:
            ServiceUnavailable: the service hangs, and the breaker ended the call.
        """
        if not self._calls:
            self._heard_at = max(self._heard_at, time.monotonic())
        self._calls.add(call)
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._while_waiting())
        try:
            yield
            self._heard_at = time.monotonic()
        except grpc.aio.AioRpcError as error:
            if error.code() not in _NO_ANSWER:
                self._heard_at = time.monotonic()
            raise
        except asyncio.CancelledError:
            if call not in self._calls:
                raise self._silence() from None
            raise
        finally:
            self._calls.discard(call)

    def close(self) -> None:
        """Stop watching."""
        if self._watch:
            self._watch.cancel()

    async def _while_waiting(self) -> None:
        while self._calls:
            begin = time.monotonic()
            await asyncio.sleep(self._patience_s)
            silent = time.monotonic() - self._heard_at >= self._patience_s
            if not (self._calls and silent) or await self._ping(self._patience_s, reconnecting=False):
                continue
            if time.monotonic() - begin < 3 * self._patience_s:  # else this process itself was held up
                await self._until_it_answers()

    async def _until_it_answers(self) -> None:
        log.warning("the %s service hangs: its calls are refused until it answers", self._name)
        self.is_open = True
        if not await self._ping(2 * self._patience_s, reconnecting=True):
            for call in [*self._calls]:
                self._calls.discard(call)
                call.cancel()
            while not await self._ping(30 * self._patience_s, reconnecting=True):  # noqa: ASYNC110  # no flag: a call
                await asyncio.sleep(self._patience_s)
        self.is_open = False
        self._heard_at = time.monotonic()
        log.warning("the %s service answers again", self._name)

    def _silence(self) -> ServiceUnavailable:
        return ServiceUnavailable(
            f"The {self._name} service hangs. Try again later, or leave its samples out.",
            modality=self._name.upper(),
            cause="SILENT",
        )
