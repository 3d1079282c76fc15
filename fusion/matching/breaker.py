"""A matching service that hangs costs one wait, not one of every call: that it is silent is found out once, for all."""

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
"""How long nothing is heard of a service that calls wait for until it is asked whether it lives, and has to answer."""

ASKED_AT_ONCE = 3
"""Health checks sent together: balancing spreads them over the backends, and it takes only one that lives."""

_NO_ANSWER = (grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)


class Ping(Protocol):
    """Asks whether a service lives."""

    def __call__(self, timeout_s: float, *, reconnecting: bool) -> Awaitable[bool]:
        """Whether it answered in time.

        A refused connection counts as an answer, as calls end at once then and by themselves; unless `reconnecting`,
        which waits for a connection as long as the time allows.
        """


class Cancellable(Protocol):
    """A call in flight."""

    def cancel(self) -> bool:
        """End it."""


class HealthPing:
    """Asks `grpc.health.v1` for the process (service ""), on the channel that the calls take.

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
    """Watches the calls of one service. States: closed (calls are made) and open (they are refused at once).

    1. While calls wait and nothing at all has been heard for `patience_s`, the service is asked whether it lives.
       That a call's own time was too short, or that others wait before it, is no sign of a service that hangs.
    2. No answer within `patience_s`: open. No answer to a second question of twice the time: what waits is ended.
    3. The question stays open; its answer closes the breaker. No caller's request is spent on trying.

    Args:
        name: of the service, for messages.
        ping: asks it.
        patience_s: see above.
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
        """Go on only if the service is not known to hang.

        Raises:
            ServiceUnavailable: it is.
        """
        if self.is_open:
            raise self._silence()

    @contextmanager
    def waiting_for(self, call: Cancellable) -> Iterator[None]:
        """Await the call within this.

        Raises:
            ServiceUnavailable: the service hangs, and the call was ended.
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
        """Watch no more."""
        if self._watch:
            self._watch.cancel()

    async def _while_waiting(self) -> None:
        while self._calls:
            begin = time.monotonic()
            await asyncio.sleep(self._patience_s)
            silent = time.monotonic() - self._heard_at >= self._patience_s
            if not (self._calls and silent) or await self._ping(self._patience_s, reconnecting=False):
                continue
            if time.monotonic() - begin < 3 * self._patience_s:  # else it was this process that did not get round to it
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
