"""VerifySubject and CompareTemplates with metrics served and scraped every 5 s, against the same without them."""

from __future__ import annotations

import asyncio
import socket
import threading
import urllib.request
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from biofusion.matching.v1 import matching_pb2

from benchmarks.harness import Row, compare
from benchmarks.peers.callers import Channels, channels, waiting
from benchmarks.peers.processes import Started, all_in_one
from benchmarks.peers.stubs import AwaitedStubs
from benchmarks.services.synthetic_people import captures, enrolment, verification
from biometrics.template import Modality
from infra.calling.matching import STUBS
from infra.wire.convert import template_to_wire

EVERY = tuple(Modality)
Servers = tuple[Started, Started]

PEOPLE, CALLS, CALLERS, SCRAPE_S = 50, 200, 8, 5.0


def measure() -> Row:
    """Two processes of all four services on stores of their own; a ratio of 1 is no overhead, 0.95 is the goal."""
    port = _free_port()
    with (
        TemporaryDirectory() as folder,
        asyncio.Runner() as runner,
        all_in_one(f"sqlite:///{Path(folder) / 'with.db'}", METRICS_PORT=str(port)) as ours,
        all_in_one(f"sqlite:///{Path(folder) / 'without.db'}") as reference,
        channels(runner, ours.address, reference.address) as both,
        scraped(port),
    ):
        servers = ours, reference
        verified = _verified(runner, both, servers)
        _compared(runner, both, servers)
    return verified


def _verified(runner: asyncio.Runner, both: Channels, servers: Servers) -> Row:
    stubs = [AwaitedStubs(each) for each in both]
    for stub in stubs:
        runner.run(waiting(stub.subjects.EnrollSubject, [enrolment(n, EVERY) for n in range(PEOPLE)], CALLERS))
    asked = [verification(n % PEOPLE, EVERY) for n in range(CALLS)]
    calls = [each.decisions.VerifySubject for each in stubs]
    return _row(runner, "VerifySubject, three modalities", calls, asked, servers)


def _compared(runner: asyncio.Runner, both: Channels, servers: Servers) -> Row:
    one, other = map(template_to_wire, captures(Modality.FACE, 1))
    asked = [matching_pb2.CompareTemplatesRequest(probe=one, references=[other])] * 5 * CALLS
    calls = [STUBS["face"](each).CompareTemplates for each in both]
    return _row(runner, "CompareTemplates of a face", calls, asked, servers)


def _row(
    runner: asyncio.Runner,
    what: str,
    calls: Sequence[Callable[[Any], Awaitable[object]]],
    asked: Sequence[object],
    servers: Servers,
) -> Row:
    """Both sides; also prints the CPU time of a call, which other processes of the machine disturb less."""
    cpu_s: tuple[list[float], list[float]] = ([], [])

    def run(side: int) -> None:
        begin = servers[side].cpu_s
        runner.run(waiting(calls[side], asked, CALLERS))
        cpu_s[side].append(servers[side].cpu_s - begin)

    row = compare(
        f"{len(asked)} {what}, {CALLERS} callers, metrics scraped every 5 s",
        lambda: run(0),
        "without metrics",
        lambda: run(1),
        (inf, "none"),
    )
    ours, reference = (1000 * sum(each[1:]) / len(each[1:]) / len(asked) for each in cpu_s)
    print(
        f"{what}: calls/s {row.ratio:.3f} ({row.spread[0]:.3f}–{row.spread[1]:.3f}) of those without metrics; ", end=""
    )
    print(f"CPU of the server a call {ours:.3f} ms, without {reference:.3f} ms, ratio {reference / ours:.3f}")
    return row


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def scraped(port: int) -> Iterator[None]:
    """Read the metrics of a port every 5 s."""
    ended = threading.Event()

    def read() -> None:
        while not ended.wait(SCRAPE_S):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
                assert b"biofusion_call_seconds" in answer.read()

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
