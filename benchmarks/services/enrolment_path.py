"""EnrollSubject of face templates by 64 callers, services in one process, against one echo of the same bytes."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from typing import Any

from biofusion.fusion.v1 import subjects_pb2

from benchmarks.harness import Row, compare, median_ms
from benchmarks.peers.callers import Channels, waiting
from benchmarks.peers.echoes import caller
from benchmarks.peers.processes import Started, all_in_one_and_echo
from benchmarks.peers.stubs import AwaitedStubs
from benchmarks.services.synthetic_people import enrolment
from biometrics.template import Modality

CALLS = 640
CALLERS = 64


def measure() -> Row:
    """Every call enrols a new person on disk; both servers are processes of their own."""
    with all_in_one_and_echo() as (runner, ours, _, both):
        return _compared(runner, ours, both)


def _compared(runner: asyncio.Runner, ours: Started, both: Channels) -> Row:
    own, other = both
    stub, first, numbers = AwaitedStubs(own), enrolment(0, [Modality.FACE]), count()
    raw, spent, calls = [first.SerializeToString()] * CALLS, 0.0, 0

    def run(call: Callable[[Any], Awaitable[object]], requests: Sequence[object]) -> None:
        runner.run(waiting(call, requests, CALLERS))

    def enrolled() -> None:
        nonlocal spent, calls
        begin = ours.cpu_s
        run(stub.subjects.EnrollSubject, [_another(first, next(numbers)) for _ in range(CALLS)])
        spent, calls = spent + ours.cpu_s - begin, calls + CALLS

    row = compare(
        f"{CALLS} EnrollSubject of a face template, {CALLERS} callers, all in one, SQLite",
        enrolled,
        "one echo of the same bytes",
        lambda: run(caller(other), list(raw)),
        (median_ms(lambda: run(caller(other), list(raw))), "that echo"),
    )
    print(f"CPU of the server an enrolment: {1000 * spent / calls:.2f} ms")
    return row


def _another(request: subjects_pb2.EnrollSubjectRequest, number: int) -> subjects_pb2.EnrollSubjectRequest:
    another = subjects_pb2.EnrollSubjectRequest()
    another.CopyFrom(request)
    another.request_id, another.subject_id = str(uuid.uuid4()), f"person-{number}"
    return another
