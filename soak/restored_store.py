"""A store restored from a backup under load: nobody may be found who was enrolled after the backup and so is lost."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from biofusion.fusion.v1 import decisions_pb2, subjects_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc

from benchmarks.peers.stubs import AwaitedStubs
from infra.wire import convert
from soak.figures import Figure
from soak.processes.people import ID_MARK, Person, people
from soak.processes.services import APART, Service, running
from tests.support.redis_process import RedisProcess

KEPT, LOST = 30, 30
SECONDS = 30.0
CALL_S = 10.0
HEALTH = {name: f"biofusion.{name}.v1.{name.capitalize()}Service" for name in ("face", "fingerprint", "iris")}


@dataclass
class Seen:
    """Counts over the answers after the restore, and the services whose health became NOT_SERVING.

    Args:
        answers: identifications that were answered.
        refused: identifications that were refused.
        lost: answers that name a person who is lost.
        missed: answers that do not name an enrolled person.
        not_serving: names of the services seen NOT_SERVING.
    """

    answers: int = 0
    refused: int = 0
    lost: int = 0
    missed: int = 0
    not_serving: set[str] = field(default_factory=set)


def campaign() -> list[Figure]:
    """Run with the services in four processes, on SQLite and on Redis."""
    return [figure for store in ("SQLite", "Redis") for figure in _set_back(store)]


def _set_back(store: str) -> list[Figure]:
    with tempfile.TemporaryDirectory() as path:
        folder = Path(path)
        (folder / "store").mkdir()
        redis = RedisProcess(folder / "store")
        if store == "Redis":
            redis.start()
        file = folder / "store" / "store.db"
        url = redis.url if store == "Redis" else f"sqlite:///{file}"

        def restore() -> None:
            if store == "Redis":
                redis.restore(folder / "backup")
                redis.start()
            else:
                for log in file.parent.glob("store.db-*"):
                    log.unlink()
                shutil.move(folder / "backup", file)

        try:
            with running(APART, url, folder) as services:
                asyncio.run(_enrol(services["fusion"].address, people(KEPT, 2, marked=False)))
            if store == "Redis":
                redis.save(folder / "backup")
                redis.start()
            else:
                shutil.copy(file, folder / "backup")
            with running(APART, url, folder) as services:
                seen = asyncio.run(_looked_for(services, restore))
                said = sum("set back" in services[name].log.read_text() for name in HEALTH)
        finally:
            redis.stop()
    what = f"{store} set back under four processes, {seen.answers} answers and {seen.refused} refusals in {SECONDS:g} s"
    return [
        Figure(f"{what}; answers that name who is no longer there", "0", str(seen.lost), seen.lost == 0),
        Figure(f"{what}; answers that miss who is there", "0", str(seen.missed), seen.missed == 0),
        Figure(f"{what}; matching services whose log says it", "3", str(said), said == len(HEALTH)),
        Figure(
            f"{what}; matching services seen NOT_SERVING",
            "3",
            str(len(seen.not_serving)),
            len(seen.not_serving) == len(HEALTH),
        ),
    ]


async def _enrol(address: str, persons: list[Person]) -> None:
    async with grpc.aio.insecure_channel(address) as channel:
        stub = AwaitedStubs(channel)
        for person in persons:
            await stub.subjects.EnrollSubject(_enrolment(person), timeout=CALL_S, wait_for_ready=True)


async def _looked_for(services: dict[str, Service], restore: Callable[[], None]) -> Seen:
    """Enrol people who will be lost, restore the store, enrol one more, and identify everybody all the time."""
    seen = Seen()
    address = services["fusion"].address
    kept, lost = people(KEPT, 2, marked=False), people(LOST, 1, marked=True)
    await _enrol(address, lost)
    watching = [asyncio.create_task(_watch(name, services[name].address, seen)) for name in HEALTH]
    async with grpc.aio.insecure_channel(address) as channel:
        stub = AwaitedStubs(channel)
        for person in (kept[0], lost[0]):
            answer = await _identified(stub, person)
            if answer is None or answer.subject_id != person.subject_id:
                raise RuntimeError("not found before the restore")
        await asyncio.to_thread(restore)
        end = time.monotonic() + SECONDS
        (new,) = people(1, 3, marked=False)
        writing = asyncio.create_task(_persistently(stub, new, end))
        callers = [asyncio.create_task(_call(stub, kept, lost, end, seen)) for _ in range(2)]
        await asyncio.gather(writing, *callers)
    for task in watching:
        task.cancel()
    return seen


async def _call(stub: AwaitedStubs, kept: list[Person], lost: list[Person], end: float, seen: Seen) -> None:
    number = 0
    while time.monotonic() < end:
        for person in (kept[number % KEPT], lost[number % LOST]):
            answer = await _identified(stub, person)
            if answer is None:
                seen.refused += 1
                continue
            named = [answer.subject_id, *(candidate.subject_id for candidate in answer.candidates)]
            seen.answers += 1
            seen.lost += any(name.startswith(ID_MARK) for name in named)
            seen.missed += person in kept and person.subject_id not in named
        number += 1


async def _identified(stub: AwaitedStubs, person: Person) -> decisions_pb2.IdentifySubjectsResponse | None:
    request = decisions_pb2.IdentifySubjectsRequest(samples=map(convert.sample_to_wire, person.samples))
    try:
        return await stub.decisions.IdentifySubjects(request, timeout=CALL_S)
    except grpc.aio.AioRpcError:
        await asyncio.sleep(0.05)
        return None


async def _persistently(stub: AwaitedStubs, person: Person, end: float) -> None:
    request = _enrolment(person)
    while time.monotonic() < end:
        try:
            await stub.subjects.EnrollSubject(request, timeout=CALL_S)
        except grpc.aio.AioRpcError:
            await asyncio.sleep(0.05)
        else:
            return


async def _watch(name: str, address: str, seen: Seen) -> None:
    async with grpc.aio.insecure_channel(address) as channel:
        request = health_pb2.HealthCheckRequest(service=HEALTH[name])
        stub: Any = health_pb2_grpc.HealthStub(channel)  # the types know none of its methods
        async for response in stub.Watch(request):
            if response.status == health_pb2.HealthCheckResponse.NOT_SERVING:
                seen.not_serving.add(name)


def _enrolment(person: Person) -> subjects_pb2.EnrollSubjectRequest:
    samples = map(convert.sample_to_wire, person.samples)
    return subjects_pb2.EnrollSubjectRequest(
        request_id=str(uuid.uuid4()), subject_id=person.subject_id, samples=samples
    )
