"""VerifySubject on templates of a face, a finger and an eye, one process, against one echo of the same bytes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from math import inf
from typing import Any

from biofusion.fusion.v1 import decisions_pb2

from benchmarks.harness import Row, compare, median_ms
from benchmarks.peers.callers import Channels, waiting
from benchmarks.peers.echoes import caller
from benchmarks.peers.processes import Started, all_in_one_and_echo
from benchmarks.peers.stubs import AwaitedStubs
from benchmarks.services.synthetic_people import captures, enrolment, verification
from biometrics.template import Modality
from cli.local.modalities import comparator
from fusion.configured import fusion_model
from fusion.evidence.evidence import Evidence, EvidenceStatus
from fusion.use_cases.verify import VerificationRequest
from fusion.wire import answers
from fusion.wire import requests as convert
from infra.settings import Settings

EVERY = tuple(Modality)
PEOPLE = 50
CALLS = 200
CALLERS = 8


def measure() -> Row:
    """Eight callers; both servers in processes of their own, all callers in this one."""
    with all_in_one_and_echo() as (runner, ours, reference, both):
        row = _compared(runner, ours, reference, both)
    _print_parts()
    return row


def _compared(runner: asyncio.Runner, ours: Started, reference: Started, both: Channels) -> Row:
    own, other = both
    stub, asked = AwaitedStubs(own), [verification(n % PEOPLE, EVERY) for n in range(CALLS)]
    raw = [each.SerializeToString() for each in asked]
    runner.run(waiting(stub.subjects.EnrollSubject, [enrolment(n, EVERY) for n in range(PEOPLE)], CALLERS))
    before, calls = (ours.cpu_s, reference.cpu_s), [0, 0]

    def run(side: int, call: Callable[[Any], Awaitable[object]], requests: Sequence[object]) -> None:
        runner.run(waiting(call, requests, CALLERS))
        calls[side] += CALLS

    row = compare(
        f"{CALLS} VerifySubject of {len(raw[0])} bytes, three modalities, {CALLERS} callers, all in one",
        lambda: run(0, stub.decisions.VerifySubject, asked),
        "one echo of the same bytes",
        lambda: run(1, caller(other), raw),
        (median_ms(lambda: run(1, caller(other), raw)), "that echo"),
    )
    ours_ms = 1000 * (ours.cpu_s - before[0]) / calls[0]
    print(f"CPU of the server a call: {ours_ms:.2f} ms, echo {1000 * (reference.cpu_s - before[1]) / calls[1]:.2f} ms")
    return row


def _print_parts() -> None:
    """Print the CPU time of each step of one verification, run one after the other in this process."""
    request, model = verification(1, EVERY), fusion_model(Settings())
    compares = {modality: comparator(modality) for modality in EVERY}
    templates = {modality: captures(modality, 1) for modality in EVERY}
    evidence = [
        Evidence(
            m, s.position, EvidenceStatus.COMPARED, model.comparison(model.comparators[m], 0.9, 80.0), s.position, 1
        )
        for m, s in zip(EVERY, _read(request).samples, strict=True)
    ]
    decision = model.verification(model.merged(evidence), None)
    parts: dict[str, Callable[[], object]] = {
        "wire → domain": lambda: _read(type(request).FromString(request.SerializeToString())),
        "decision": lambda: model.verification(model.merged(evidence), None),
        "three calibrations": lambda: [model.comparison(each, 0.9, 80.0) for each in model.comparators.values()],
        "domain → wire": lambda: answers.decision_to_wire(decision).SerializeToString(),
    }
    for modality, (one, other) in templates.items():
        parts[f"comparison, {modality.lower()}"] = _comparing(compares[modality].compare_templates, one, other)
    print("; ".join(f"{name} {_cpu_us(part):.0f} µs" for name, part in parts.items()))


def _read(request: decisions_pb2.VerifySubjectRequest) -> VerificationRequest:
    """The request as the domain has it; templates are read without waiting for anything."""
    try:
        convert.verification_from_wire(request).send(None)
    except StopIteration as ended:
        found: VerificationRequest = ended.value
        return found
    raise AssertionError


def _comparing(compare_templates: Callable[..., object], one: object, other: object) -> Callable[[], object]:
    return lambda: compare_templates(one, [other])


def _cpu_us(part: Callable[[], object], times: int = 50) -> float:
    """The least CPU time of some runs, µs, which excludes disturbances by other processes."""
    least = inf
    for _ in range(10):
        begin = time.process_time()
        for _ in range(times):
            part()
        least = min(least, time.process_time() - begin)
    return 1e6 * least / times
