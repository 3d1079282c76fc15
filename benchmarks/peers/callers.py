"""Load on a service: a number of callers who each wait for the answer (closed loop), or a rate of calls (open loop)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import grpc
import numpy as np

T = TypeVar("T")
Call = Callable[[T], Awaitable[object]]
Channels = tuple[grpc.aio.Channel, grpc.aio.Channel]


@contextmanager
def channels(runner: asyncio.Runner, ours: str, reference: str) -> Iterator[Channels]:
    """A channel to each of two addresses, opened in the runner's loop and closed at the end."""

    async def opened() -> Channels:
        return grpc.aio.insecure_channel(ours), grpc.aio.insecure_channel(reference)

    both = runner.run(opened())
    try:
        yield both
    finally:
        for each in both:
            runner.run(each.close())


@dataclass(frozen=True, slots=True)
class Load:
    """The times of many calls.

    Args:
        seconds: time from the first call to the last answer.
        latencies_ms: latency of each call, ascending.
    """

    seconds: float
    latencies_ms: Sequence[float]

    @property
    def per_s(self) -> float:
        """Calls per second."""
        return len(self.latencies_ms) / self.seconds

    def share_ms(self, share: float) -> float:
        """The quantile of the latencies at `share`, 0 to 1, ms."""
        return self.latencies_ms[min(int(share * len(self.latencies_ms)), len(self.latencies_ms) - 1)]


async def waiting(call: Call[T], requests: Sequence[T], callers: int) -> Load:
    """Closed loop: a number of callers, each of whom makes one call after another."""
    todo, took = iter(requests), list[float]()

    async def one() -> None:
        for request in todo:
            took.append(await _timed(call, request))

    begin = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(callers)))
    return Load(time.perf_counter() - begin, sorted(took))


async def arriving(call: Call[T], requests: Sequence[T], per_s: float) -> Load:
    """Open loop: calls at random moments, `per_s` per second on average; latencies count from when each was due."""
    gaps = np.random.default_rng(0).exponential(1 / per_s, len(requests))
    begin = time.perf_counter()

    async def one(request: T, due: float) -> float:
        await asyncio.sleep(max(0.0, begin + due - time.perf_counter()))
        await call(request)
        return 1000 * (time.perf_counter() - begin - due)

    pairs = zip(requests, np.cumsum(gaps).tolist(), strict=True)
    took = await asyncio.gather(*(one(request, due) for request, due in pairs))
    return Load(time.perf_counter() - begin, sorted(took))


async def _timed(call: Call[T], request: T) -> float:
    begin = time.perf_counter()
    await call(request)
    return 1000 * (time.perf_counter() - begin)
