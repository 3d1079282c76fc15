"""IdentifySubjects by one face template among 700 subjects, one process, against one echo of the same bytes."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from biofusion.fusion.v1 import decisions_pb2

from benchmarks.harness import Row, compare, median_ms
from benchmarks.peers.callers import Channels, channels, waiting
from benchmarks.peers.echoes import caller
from benchmarks.peers.processes import Started, all_in_one, echo
from benchmarks.peers.stubs import AwaitedStubs
from benchmarks.services.synthetic_people import enrolment, verification
from biometrics.template import Modality

PEOPLE = 700
CALLS = 100
CALLERS = 8
FACE = (Modality.FACE,)


def measure() -> Row:
    """Eight callers; both servers in processes of their own. The time with three modalities is also printed."""
    with asyncio.Runner() as runner, echo() as reference:
        row = _measured(runner, reference, FACE)
        _measured(runner, reference, tuple(Modality))
    return row


def _measured(runner: asyncio.Runner, reference: Started, modalities: Sequence[Modality]) -> Row:
    with (
        tempfile.TemporaryDirectory() as folder,
        all_in_one(f"sqlite:///{Path(folder) / 'store.db'}") as ours,
        channels(runner, ours.address, reference.address) as both,
    ):
        return _compared(runner, ours, reference, both, modalities)


def _compared(
    runner: asyncio.Runner, ours: Started, reference: Started, both: Channels, modalities: Sequence[Modality]
) -> Row:
    own, other = both
    stub = AwaitedStubs(own)
    runner.run(waiting(stub.subjects.EnrollSubject, [enrolment(n, modalities) for n in range(PEOPLE)], CALLERS))
    asked = [
        decisions_pb2.IdentifySubjectsRequest(samples=verification(n * 7 % PEOPLE, modalities).samples)
        for n in range(CALLS)
    ]
    raw = [each.SerializeToString() for each in asked]
    used: dict[str, list[float]] = {"ours": [], "echo": []}

    def run(side: str, server: Started, call: Callable[[Any], Awaitable[object]], requests: Sequence[object]) -> None:
        before = server.cpu_s
        runner.run(waiting(call, requests, CALLERS))
        used[side].append(1000 * (server.cpu_s - before) / CALLS)

    row = compare(
        f"{CALLS} IdentifySubjects among {PEOPLE}, {len(modalities)} modalities, {CALLERS} callers, all in one",
        lambda: run("ours", ours, stub.decisions.IdentifySubjects, asked),
        "one echo of the same bytes",
        lambda: run("echo", reference, caller(other), raw),
        (median_ms(lambda: run("echo", reference, caller(other), raw)), "that echo"),
    )
    print(f"{len(modalities)} modalities: CPU a call {min(used['ours']):.2f} ms, echo {min(used['echo']):.2f} ms")
    return row
