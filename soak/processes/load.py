"""A load generator in a process of its own: `python -m soak.processes.load` reads its orders from standard input.

Calls are begun at a constant rate, even if earlier ones have not ended (open loop), or by a number of callers that each
begin the next call when the last has ended (closed loop). Requests are bytes, which costs the generator little CPU;
small ones, of which a server answers or refuses thousands a second, are sent by `flood.py`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from base64 import b64decode, b64encode
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

import grpc
import numpy as np

from infra.wire.status import error_info, retry_delay_s
from soak.processes.flood import Answer, flood
from soak.processes.frames import LONGEST


@dataclass(frozen=True, slots=True)
class Orders:
    """The calls to make.

    Args:
        address: address of the server.
        method: e.g. `/biofusion.face.v1.FaceService/ExtractTemplate`.
        request: the message, in base64.
        seconds: how long calls are begun.
        deadline_s: deadline of each call, seconds.
        rate: calls begun per second; 0 for the closed loop.
        callers: number of callers in the closed loop.
    """

    address: str
    method: str
    request: str
    seconds: float
    deadline_s: float
    rate: float = 0.0
    callers: int = 8


@dataclass(frozen=True, slots=True)
class Outcome:
    """The results of all calls.

    Args:
        begun: number of calls begun.
        codes: number of calls by status code.
        per_second: number of calls that ended with OK, by the second in which they ended.
        ok_p99_ms: 99th percentile of the duration of calls that ended with OK, ms.
        refused_p99_ms: 99th percentile of the duration of calls refused with RESOURCE_EXHAUSTED, ms.
        told_when: share of the refusals that stated when to try again.
    """

    begun: int
    codes: dict[str, int]
    per_second: list[int]
    ok_p99_ms: float
    refused_p99_ms: float
    told_when: float

    @property
    def goodput(self) -> float:
        """Calls per second that ended with OK, without the first and the last second in which calls were begun."""
        return float(np.mean(self.per_second)) if self.per_second else 0.0


def load(address: str, method: str, request: bytes, seconds: float, deadline_s: float, **more: Any) -> Outcome:
    """Generate load from another process; `more` is what else its Orders state."""
    orders = Orders(address, method, b64encode(request).decode(), seconds, deadline_s, **more)
    command = [sys.executable, "-m", "soak.processes.load"]
    said = subprocess.run(command, input=json.dumps(asdict(orders)), stdout=subprocess.PIPE, text=True, check=True)
    return Outcome(**json.loads(said.stdout))


class Generator:
    """Begins calls and records how they end."""

    def __init__(self, orders: Orders, channel: grpc.Channel) -> None:
        self._orders = orders
        self._request = b64decode(orders.request)
        self._call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(orders.method)
        self._answers: list[Answer] = []
        self._open = 0
        self._changed = threading.Condition()

    def run(self) -> Outcome:
        """Begin the calls and wait until all have ended."""
        begin = time.perf_counter()
        (self._open_loop if self._orders.rate else self._closed_loop)(begin)
        with self._changed:
            self._changed.wait_for(lambda: not self._open)
        return _outcome(self._answers, begin, self._orders.seconds)

    def _open_loop(self, begin: float) -> None:
        for number in range(int(self._orders.rate * self._orders.seconds)):
            due = begin + number / self._orders.rate
            while (left := due - time.perf_counter()) > 0:
                time.sleep(left)
            self._begin()

    def _closed_loop(self, begin: float) -> None:
        def call_on() -> None:
            while time.perf_counter() < begin + self._orders.seconds:
                started = time.perf_counter()
                try:
                    self._call(self._request, timeout=self._orders.deadline_s)
                    self._answers.append((started, time.perf_counter() - started, "OK", False))
                except grpc.RpcError as error:
                    self._answers.append(_failed(started, error))

        callers = [threading.Thread(target=call_on) for _ in range(int(self._orders.callers))]
        for each in callers:
            each.start()
        for each in callers:
            each.join()

    def _begin(self) -> None:
        with self._changed:
            self._open += 1
        started = time.perf_counter()
        self._call.future(self._request, timeout=self._orders.deadline_s).add_done_callback(
            lambda call: self._ended(started, call)
        )

    def _ended(self, started: float, call: Any) -> None:
        is_ok = call.code() is grpc.StatusCode.OK
        answer = (started, time.perf_counter() - started, "OK", False) if is_ok else _failed(started, call)
        with self._changed:
            self._answers.append(answer)
            self._open -= 1
            self._changed.notify()


def _failed(started: float, error: Any) -> Answer:
    took, code = time.perf_counter() - started, error.code().name
    trailing = error.trailing_metadata()
    told = code == "RESOURCE_EXHAUSTED" and retry_delay_s(trailing) > 0 and bool(error_info(trailing).reason)
    return started, took, code, told


def _outcome(answers: list[Answer], begin: float, seconds: float) -> Outcome:
    ended = [started + took - begin for started, took, code, _ in answers if code == "OK"]
    counts, _ = np.histogram(ended, bins=np.arange(0, int(seconds) + 1))
    refused = [took for _, took, code, _ in answers if code == "RESOURCE_EXHAUSTED"]
    return Outcome(
        len(answers),
        dict(Counter(code for _, _, code, _ in answers)),
        counts.tolist(),
        _p99_ms([took for _, took, code, _ in answers if code == "OK"]),
        _p99_ms(refused),
        float(np.mean([told for *_, code, told in answers if code == "RESOURCE_EXHAUSTED"])) if refused else 1.0,
    )


def _p99_ms(seconds: list[float]) -> float:
    return 1000 * float(np.quantile(seconds, 0.99)) if seconds else 0.0


def main() -> None:
    """Read the orders from standard input, make the calls, and print the outcome as JSON."""
    orders = Orders(**json.load(sys.stdin))
    body = b64decode(orders.request)
    if len(body) <= LONGEST:
        begin = time.perf_counter()
        answers = flood(
            orders.address, orders.method, body, orders.seconds, orders.deadline_s, orders.rate, int(orders.callers)
        )
        print(json.dumps(asdict(_outcome(answers, begin, orders.seconds))))
        return
    with grpc.insecure_channel(orders.address) as channel:
        print(json.dumps(asdict(Generator(orders, channel).run())))


if __name__ == "__main__":
    main()
