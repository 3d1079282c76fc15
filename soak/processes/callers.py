"""Threads that each call a service in a closed loop: the next call begins a short pause after the last has ended."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import grpc
import numpy as np

REST_S = 0.02


@dataclass(frozen=True, slots=True)
class Ended:
    """A call that has ended.

    Args:
        at: when it was begun, seconds of `time.monotonic`.
        took_s: seconds until the answer.
        code: name of the status code.
    """

    at: float
    took_s: float
    code: grpc.StatusCode


@dataclass
class Callers:
    """Threads that repeat a call until they are stopped.

    Args:
        call: makes one call.
        count: number of threads.
        rest_s: pause after each call, seconds.
    """

    call: Callable[[], object]
    count: int
    rest_s: float = REST_S
    ended: list[Ended] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(self.count)]
        for each in self._threads:
            each.start()

    def stop(self) -> None:
        """Stop the threads; returns when the last call has ended."""
        self._over.set()
        for each in self._threads:
            each.join()

    def between(self, begin: float, end: float) -> list[Ended]:
        """The calls begun between two times (`time.monotonic`)."""
        return [each for each in self.ended if begin <= each.at < end]

    def _run(self) -> None:
        while not self._over.wait(self.rest_s):
            at, code = time.monotonic(), grpc.StatusCode.OK
            try:
                self.call()
            except grpc.RpcError as error:
                code = error.code()
            self.ended.append(Ended(at, time.monotonic() - at, code))


def rest_for(call: Callable[[], object], count: int, share: float, seconds: float = 5.0) -> float:
    """The pause with which this many callers make a share of the calls per second that they can make without one."""
    begin, callers = time.monotonic(), Callers(call, count, 0.0)
    time.sleep(seconds)
    callers.stop()
    took_s = (time.monotonic() - begin) * count / len(callers.ended)
    return took_s / share - took_s


def p99_ms(calls: Sequence[Ended]) -> float:
    """99th percentile of the calls' durations, ms."""
    return 1000 * float(np.percentile([each.took_s for each in calls], 99)) if calls else float("nan")


def failed(calls: Sequence[Ended]) -> int:
    """Number of calls that did not end with OK."""
    return sum(each.code is not grpc.StatusCode.OK for each in calls)
