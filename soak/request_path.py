"""Throughput of VerifySubject on templates, in one process and in four, against echo servers; and p99 at half load."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import grpc

from benchmarks.peers.callers import Load, arriving, waiting
from benchmarks.peers.echoes import caller
from benchmarks.peers.processes import Started, all_in_one, apart, echo
from benchmarks.peers.stubs import AwaitedStubs
from benchmarks.services.synthetic_people import enrolment, verification
from biometrics.template import Modality
from soak.figures import Figure
from tests.support.redis_process import RedisProcess

PEOPLE = 50
CALLS = 400
ROUNDS = 5
CALLERS = (8, 64)
SLOWEST = 3.0
"""Highest allowed p99 over p50, at half of the closed-loop load."""


@dataclass(frozen=True)
class Setting:
    """How the services run, and the goal relative to an echo server.

    Args:
        name: name in the table.
        start: starts the services on a store.
        goal: required share of the echo's calls per second.
        hops: whether the echo calls as many further echoes as the verification calls services.
    """

    name: str
    start: Callable[[str], AbstractContextManager[Started]]
    goal: float
    hops: bool


SETTINGS = (Setting("all in one", all_in_one, 0.35, hops=False), Setting("four processes", apart, 0.6, hops=True))


def campaign() -> list[Figure]:
    """Run both settings on both stores, with one modality and with three."""
    return [
        figure
        for setting in SETTINGS
        for store in ("SQLite", "Redis")
        for modalities in (tuple(Modality)[:1], tuple(Modality))
        for figure in _figures(setting, store, modalities)
    ]


def _figures(setting: Setting, store: str, modalities: Sequence[Modality]) -> list[Figure]:
    with (
        _store(store) as url,
        setting.start(url) as ours,
        echo(len(modalities) if setting.hops else 0) as reference,
    ):
        what = f"VerifySubject, {setting.name}, {store}, modalities: {len(modalities)}"
        return asyncio.run(_measured(what, setting.goal, modalities, ours, reference))


async def _measured(
    what: str, goal: float, modalities: Sequence[Modality], ours: Started, reference: Started
) -> list[Figure]:
    async with grpc.aio.insecure_channel(ours.address) as own, grpc.aio.insecure_channel(reference.address) as other:
        stub, asked = (
            AwaitedStubs(own),
            [verification(n % PEOPLE, modalities) for n in range(CALLS)],
        )
        raw = [each.SerializeToString() for each in asked]
        await waiting(stub.subjects.EnrollSubject, [enrolment(n, tuple(Modality)) for n in range(PEOPLE)], 8)
        await waiting(stub.decisions.VerifySubject, asked, 8)
        figures = []
        for callers in CALLERS:
            rounds = [
                await _round(stub.decisions.VerifySubject, asked, caller(other), raw, callers) for _ in range(ROUNDS)
            ]
            ratio = median(one.per_s / two.per_s for one, two in rounds)
            rates = [median(load.per_s for load in side) for side in zip(*rounds, strict=True)]
            found = f"{ratio:.2f}: {rates[0]:.0f} a second, the echo {rates[1]:.0f}"
            figures.append(Figure(f"{what}, {callers} callers", f"≥ {goal} of the echo", found, ratio >= goal))
        half = await arriving(stub.decisions.VerifySubject, asked, rates[0] / 2)
    p50, p99 = half.share_ms(0.5), half.share_ms(0.99)
    found = f"{p99 / p50:.1f}×: p50 {p50:.1f} ms, p99 {p99:.1f} ms"
    return [*figures, Figure(f"{what}, half load", f"p99 ≤ {SLOWEST:.0f}× p50", found, p99 <= SLOWEST * p50)]


async def _round(
    call: Any, asked: Sequence[object], echoed: Any, raw: Sequence[object], callers: int
) -> tuple[Load, Load]:
    return await waiting(call, asked, callers), await waiting(echoed, raw, callers)


@contextmanager
def _store(kind: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        if kind == "SQLite":
            yield f"sqlite:///{Path(folder) / 'store.db'}"
            return
        redis = RedisProcess(Path(folder))
        redis.start("--appendonly", "yes", "--appendfsync", "always")
        try:
            yield redis.url
        finally:
            redis.stop()
