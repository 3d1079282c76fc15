"""Identification by finger minutiae through OSIA's interface, against the same by gRPC from the same callers.

`OSIA_PEOPLE` in the environment is the number of enrolled people.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import grpc
from biofusion.fusion.v1 import decisions_pb2
from biofusion.type.v1 import modality_pb2, record_pb2, sample_pb2

from benchmarks.harness import Row, compare, median_ms
from benchmarks.peers.adapters import Connection, adapter
from benchmarks.peers.callers import waiting
from benchmarks.peers.processes import Started, all_in_one
from benchmarks.peers.stubs import AwaitedStubs
from benchmarks.services.synthetic_people import enrolment
from biometrics.template import Modality

PEOPLE = int(os.environ.get("OSIA_PEOPLE", "700"))
PROBES, CALLS, CALLERS = 50, 200, 20
PATH = "/v1/identify/default?transactionId=t"


def measure() -> Row:
    """Twenty callers; the adapter and the services are processes of their own, all callers are in this one."""
    with asyncio.Runner() as runner, _both(runner) as (osia, services, stub):
        enrol = [enrolment(n, [Modality.FINGERPRINT]) for n in range(PEOPLE)]
        runner.run(waiting(stub.subjects.EnrollSubject, enrol, CALLERS))
        probes = [_template(osia.address, n * 7 % PEOPLE) for n in range(PROBES)] * (CALLS // PROBES)
        connections = [Connection(osia.address) for _ in range(CALLERS)]
        row = _compared(runner, osia, services, stub, probes, connections)
        for each in connections:
            runner.run(each.close())
    return row


def _compared(
    runner: asyncio.Runner,
    osia: Started,
    services: Started,
    stub: AwaitedStubs,
    probes: list[dict[str, Any]],
    connections: list[Connection],
) -> Row:
    sent = [json.dumps({"filter": {}, "biometricData": [each]}).encode() for each in probes]
    asked = [_request(each) for each in probes]
    free = list(connections)
    used = {"by OSIA": [0.0, 0.0, 0.0], "by gRPC": [0.0, 0.0, 0.0]}

    async def post(body: bytes) -> object:
        mine = free.pop()
        try:
            return await mine.post(PATH, body)
        finally:
            free.append(mine)

    def run(how: str, call: Any, requests: list[Any]) -> None:
        before = osia.cpu_s, services.cpu_s
        runner.run(waiting(call, requests, CALLERS))
        spent = used[how]
        for index, value in enumerate((osia.cpu_s - before[0], services.cpu_s - before[1], len(requests))):
            spent[index] += value

    row = compare(
        f"{CALLS} identifications by minutiae among {PEOPLE}, {CALLERS} callers, through OSIA's adapter",
        lambda: run("by OSIA", post, sent),
        "IdentifySubjects by gRPC",
        lambda: run("by gRPC", stub.decisions.IdentifySubjects, asked),
        (median_ms(lambda: run("by gRPC", stub.decisions.IdentifySubjects, asked)), "that"),
    )
    for how, (own, theirs, calls) in used.items():
        print(f"CPU a call {how}: adapter {1000 * own / calls:.2f} ms, services {1000 * theirs / calls:.2f} ms")
    return row


@contextmanager
def _both(runner: asyncio.Runner) -> Iterator[tuple[Started, Started, AwaitedStubs]]:
    """The adapter, the services in one process, and stubs of them."""
    with TemporaryDirectory() as folder, all_in_one(f"sqlite:///{Path(folder) / 'store.db'}") as services:
        settings = {"ADAPTER_FUSION_TARGET": services.address, "OSIA_DATABASE": str(Path(folder) / "osia.db")}
        with adapter("osia", **settings) as osia:
            channel = runner.run(_opened(services.address))
            yield osia, services, AwaitedStubs(channel)
            runner.run(channel.close())


async def _opened(address: str) -> Any:
    return grpc.aio.insecure_channel(address)


def _template(address: str, number: int) -> dict[str, Any]:
    """The finger of a person as minutiae of ISO/IEC 19794-2."""
    (encounter,) = _got(f"{address}/v1/persons/person-{number}/encounters?transactionId=t")
    path = f"/v1/persons/person-{number}/encounters/{encounter['encounterId']}/templates?transactionId=t"
    (told,) = _got(address + path)
    return {name: told[name] for name in ("biometricType", "biometricSubType", "template", "templateFormat")}


def _got(url: str) -> Any:
    with urllib.request.urlopen(url) as answer:
        return json.load(answer)


def _request(probe: dict[str, Any]) -> decisions_pb2.IdentifySubjectsRequest:
    """What the adapter asks fusion for."""
    record = record_pb2.Record(
        data=base64.b64decode(probe["template"]), format=record_pb2.RECORD_FORMAT_ISO_19794_2_2005
    )
    sample = sample_pb2.Sample(
        modality=modality_pb2.MODALITY_FINGERPRINT, position=modality_pb2.POSITION_RIGHT_INDEX, record=record
    )
    return decisions_pb2.IdentifySubjectsRequest(samples=[sample], gallery="default")
