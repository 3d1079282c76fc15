from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from biometrics.errors import ServiceUnavailable
from biometrics.template import Modality
from fusion.matching.connect import connect
from fusion.matching.matchers import GrpcMatcher
from tests.end_to_end.conftest import Process
from tests.support.name_server import NameServer
from tests.unit.fusion.world import template

PROBE = template(Modality.IRIS, "ann")
LONG_S = 60.0
"""Seconds, longer than anything here takes, after which a hanging call becomes an error."""

Start = Callable[..., Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts iris services in processes of their own: `start(host, port, age_ms)`."""
    started: list[Process] = []

    def start(host: str = "127.0.0.1", port: int = 0, age_ms: str = "") -> Process:
        process = Process(f"tests.support.stub_matcher {age_ms}", {"BIOFUSION_HOST": host}, tmp_path / "log")
        started.append(process)
        process.start(port)
        return process

    yield start
    for process in started:
        if process.popen.poll() is None:
            process.end(signal.SIGKILL)


@pytest.fixture
async def names() -> AsyncIterator[NameServer]:
    """A name server for this test."""
    server = NameServer()
    await server.start()
    yield server
    server.stop()


async def who_answers(matcher: GrpcMatcher, timeout_s: float = LONG_S) -> int:
    """The process id of the backend that compared."""
    return int((await matcher.compare(PROBE, [PROBE], timeout_s))[0])


async def until_answered_by(matcher: GrpcMatcher, *backends: Process) -> None:
    """Call until each of these backends has answered; no call may fail."""
    wanted = {each.popen.pid for each in backends}
    async with asyncio.timeout(LONG_S):
        while wanted:
            wanted.discard(await who_answers(matcher))


def target(*backends: Process) -> str:
    """A target that names all backends."""
    return "ipv4:" + ",".join(each.address for each in backends)


async def test_a_frozen_backend_of_two_fails_no_call(start: Start) -> None:
    """Calls to the frozen backend are answered by the other one in time; thawed, it is used again."""
    frozen, other = start(), start()
    matcher = connect(Modality.IRIS, target(frozen, other), 1 << 20)
    await until_answered_by(matcher, frozen, other)
    frozen.popen.send_signal(signal.SIGSTOP)
    answered = await asyncio.gather(*(who_answers(matcher) for _ in range(20)))
    assert {other.popen.pid} == {*answered, *[await who_answers(matcher) for _ in range(20)]}
    frozen.popen.send_signal(signal.SIGCONT)
    await until_answered_by(matcher, frozen)
    await matcher.close()


async def test_a_restarted_backend_gets_calls_again(start: Start) -> None:
    """No call fails while a backend restarts, and it is used again at the same address."""
    one, other = start(), start()
    matcher = connect(Modality.IRIS, target(one, other), 1 << 20)
    await until_answered_by(matcher, one, other)
    one.end(signal.SIGKILL)
    assert {other.popen.pid} == {await who_answers(matcher) for _ in range(10)}
    await until_answered_by(matcher, start(port=int(one.address.rsplit(":", 1)[1])))
    await matcher.close()


async def test_an_added_backend_gets_calls(start: Start, names: NameServer) -> None:
    """Connections end at their maximum age, without a failed call, so the name is resolved again."""
    one = start("127.0.0.1", age_ms="1000")
    port = int(one.address.rsplit(":", 1)[1])
    names.addresses = ["127.0.0.1"]
    matcher = connect(Modality.IRIS, f"dns://127.0.0.1:{names.port}/iris.test:{port}", 1 << 20)
    await until_answered_by(matcher, one)
    added = start("127.0.0.2", port, age_ms="1000")
    names.addresses += ["127.0.0.2"]
    await until_answered_by(matcher, added)
    await until_answered_by(matcher, one, added)
    await matcher.close()


async def test_when_all_backends_are_gone_the_name_is_soon_resolved_again(start: Start, names: NameServer) -> None:
    """New backends at other addresses get the calls well before half a minute has passed."""
    gone = start("127.0.0.2")
    port = int(gone.address.rsplit(":", 1)[1])
    names.addresses = ["127.0.0.2"]
    matcher = connect(Modality.IRIS, f"dns://127.0.0.1:{names.port}/iris.test:{port}", 1 << 20)
    await until_answered_by(matcher, gone)
    gone.end(signal.SIGKILL)
    names.addresses = ["127.0.0.3"]
    new = start("127.0.0.3", port)
    async with asyncio.timeout(20):
        while True:
            try:
                assert new.popen.pid == await who_answers(matcher)
            except ServiceUnavailable:
                continue
            break
    await matcher.close()


async def test_a_service_that_hangs_costs_one_wait(start: Start) -> None:
    """Calls in flight end well before their deadline, further ones are refused; calls succeed when it continues."""
    hanging = start()
    matcher = connect(Modality.IRIS, target(hanging), 1 << 20)
    await until_answered_by(matcher, hanging)
    hanging.popen.send_signal(signal.SIGSTOP)
    async with asyncio.timeout(LONG_S):
        for _ in range(20):
            with pytest.raises(ServiceUnavailable) as caught:
                await who_answers(matcher, timeout_s=3600)
            assert "SILENT" == caught.value.metadata["cause"]
    hanging.popen.send_signal(signal.SIGCONT)
    async with asyncio.timeout(LONG_S):
        while True:
            try:
                assert hanging.popen.pid == await who_answers(matcher)
            except ServiceUnavailable:
                await asyncio.sleep(0)
                continue
            break
    await matcher.close()
