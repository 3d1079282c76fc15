"""Erasure: after 100 of 300 people are erased, all writable memory and the whole store are searched for their data."""

from __future__ import annotations

import asyncio
import tempfile
import time
import uuid
from collections import Counter
from pathlib import Path

import grpc
from biofusion.fusion.v1 import decisions_pb2, subjects_pb2

from benchmarks.peers.stubs import AwaitedStubs
from infra.wire import convert
from soak.figures import Figure
from soak.processes.memory import found_in, found_in_memory
from soak.processes.people import MARKS, Person, people
from soak.processes.services import ALL_IN_ONE, APART, Service, running
from tests.support.redis_process import RedisProcess

ERASED, KEPT, AT_ONCE = 100, 200, 8
LIMIT_S = 60.0
ASK_S = 5.0
CALL_S = 120.0

Stub = AwaitedStubs


def campaign() -> list[Figure]:
    """Run with all services in one process and in four, on SQLite and on Redis."""
    return [
        figure
        for name, modules in (("all in one", ALL_IN_ONE), ("four processes", APART))
        for store in ("SQLite", "Redis")
        for figure in _erased(name, modules, store)
    ]


def _erased(name: str, modules: dict[str, str], store: str) -> list[Figure]:
    with tempfile.TemporaryDirectory() as path:
        folder = Path(path)
        (folder / "store").mkdir()
        redis = RedisProcess(folder / "store")
        url = f"sqlite:///{folder / 'store' / 'store.db'}"
        if store == "Redis":
            redis.start()
            url = redis.url
        try:
            with running(modules, url, folder) as services:
                asyncio.run(_live_and_erase(services["serve" if "serve" in services else "fusion"].address))
                found = _searched(services, folder / "store")
        finally:
            redis.stop()
    what = f"{name} on {store}: {ERASED} of {ERASED + KEPT} people erased"
    return [
        Figure(f"{what}; {kind}", "0", _told(found[kind]), sum(found[kind].values()) == 0)
        for kind in ("store", "memory: templates", "memory: ids")
    ]


async def _live_and_erase(address: str) -> None:
    """Enrol, verify and identify people, then erase some of them."""
    gone, others = people(ERASED, 1, marked=True), people(KEPT, 2, marked=False)
    async with grpc.aio.insecure_channel(address) as channel:
        stub = Stub(channel)
        everybody = [person for pair in zip(gone, others, strict=False) for person in pair] + others[len(gone) :]
        for start in range(0, len(everybody), AT_ONCE):
            done = await asyncio.gather(*(_enrolled(stub, each) for each in everybody[start : start + AT_ONCE]))
        for person in gone[::4]:
            samples = map(convert.sample_to_wire, person.samples)
            await stub.decisions.VerifySubject(
                decisions_pb2.VerifySubjectRequest(subject_id=person.subject_id, samples=samples), timeout=CALL_S
            )
        for person in gone[::20]:
            samples = map(convert.sample_to_wire, person.samples)
            wanted = decisions_pb2.IdentifySubjectsRequest(
                samples=samples, consistency_token=done[-1].consistency_token
            )
            await stub.decisions.IdentifySubjects(wanted, timeout=CALL_S)
        for person in gone:
            deletion = subjects_pb2.DeleteSubjectRequest(request_id=str(uuid.uuid4()), subject_id=person.subject_id)
            await stub.subjects.DeleteSubject(deletion, timeout=CALL_S)


async def _enrolled(stub: Stub, person: Person) -> subjects_pb2.EnrollSubjectResponse:
    samples = map(convert.sample_to_wire, person.samples)
    request = subjects_pb2.EnrollSubjectRequest(
        request_id=str(uuid.uuid4()), subject_id=person.subject_id, samples=samples
    )
    return await stub.subjects.EnrollSubject(request, timeout=CALL_S)


def _searched(services: dict[str, Service], store: Path) -> dict[str, Counter[str]]:
    """Search repeatedly until nothing is found or the time is up; returns the last counts by process and store."""
    begin = time.monotonic()
    while True:
        left = time.monotonic() - begin > LIMIT_S
        found: dict[str, Counter[str]] = {kind: Counter() for kind in ("store", "memory: templates", "memory: ids")}
        for file in store.rglob("*"):
            if file.is_file():
                found["store"] += found_in(file.read_bytes(), MARKS)
        for name, service in services.items():
            for kind, count in found_in_memory(service.popen.pid, MARKS).items():
                found["memory: ids" if kind == "id" else "memory: templates"][f"{name}, {kind}"] += count
        if left or not any(found.values()):
            return found
        time.sleep(ASK_S)


def _told(found: Counter[str]) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in found.items()) or "0"
