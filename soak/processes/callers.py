"""Callers who each begin the next call when the last has ended, after a short rest."""

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
        took_s: until the answer.
        code: OK or why not.
    """

    at: float
    took_s: float
    code: grpc.StatusCode


@dataclass
class Callers:
    """Some threads that call the same until they are told to stop.

    Args:
        call: makes one call.
        count: of threads.
    """

    call: Callable[[], object]
    count: int
    ended: list[Ended] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(self.count)]
        for each in self._threads:
            each.start()

    def stop(self) -> None:
        """Return when the last call has ended."""
        self._over.set()
        for each in self._threads:
            each.join()

    def between(self, begin: float, end: float) -> list[Ended]:
        """Calls begun within this time."""
        return [each for each in self.ended if begin <= each.at < end]

    def _run(self) -> None:
        while not self._over.wait(REST_S):
            at, code = time.monotonic(), grpc.StatusCode.OK
            try:
                self.call()
            except grpc.RpcError as error:
                code = error.code()
            self.ended.append(Ended(at, time.monotonic() - at, code))


def p99_ms(calls: Sequence[Ended]) -> float:
    """99th percentile of their times, ms."""
    return 1000 * float(np.percentile([each.took_s for each in calls], 99)) if calls else float("nan")


def failed(calls: Sequence[Ended]) -> int:
    """How many did not end well."""
    return sum(each.code is not grpc.StatusCode.OK for each in calls)
