"""Ends of the decoder processes: each is replaced, and none remains at the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from biometrics.errors import ServiceUnavailable
from infra.images.decode import decode
from infra.images.formats.limits import FULL
from infra.images.guard.guard import Guard, guard
from tests.support.hostile_files.bombs import BOMBS
from tests.support.mutations import sound
from tests.unit.infra.images.guard.processes import ENDLESS, LIMITS, descendants, wait_for_the_end, workers


@pytest.fixture
def own() -> Iterator[Guard]:
    """A guard with its own processes."""
    own = Guard()
    yield own
    own.close()


def test_an_ended_worker_is_replaced(own: Guard) -> None:
    """A worker killed while idle causes no error."""
    own.decode(sound("PNG"), LIMITS, FULL)
    (pid,) = workers(own)
    os.kill(pid, signal.SIGKILL)
    wait_for_the_end([pid])
    assert (64, 64, 3) == own.decode(sound("PNG"), LIMITS, FULL)[0].shape


def test_an_ended_fork_server_is_replaced(own: Guard) -> None:
    """When the fork server ends, its workers end too, and a new one is started."""
    own.decode(sound("PNG"), LIMITS, FULL)
    assert own._plain._spawner._fork_server
    everybody = [own._plain._spawner._fork_server.pid, *workers(own)]
    own._plain._spawner._fork_server.kill()
    wait_for_the_end(everybody)
    assert (64, 64, 3) == own.decode(sound("PNG"), LIMITS, FULL)[0].shape


@pytest.mark.parametrize("is_at_work", [False, True])
def test_a_hanging_fork_server_is_replaced(own: Guard, monkeypatch: pytest.MonkeyPatch, *, is_at_work: bool) -> None:
    """The caller notices that it neither reports a worker's end nor forks another, at any time."""
    monkeypatch.setattr("infra.images.guard.spawning.FORK_S", 0.1)
    monkeypatch.setattr("infra.images.guard.guard.SILENCE_S", 0.0)
    own.decode(sound("PNG"), LIMITS, FULL)
    assert own._plain._spawner._fork_server
    fork_server, (worker,) = own._plain._spawner._fork_server.pid, workers(own)
    with ThreadPoolExecutor() as pool:
        if is_at_work:
            os.kill(worker, signal.SIGSTOP)
            answer = pool.submit(own.decode, sound("PNG"), LIMITS, FULL)
        os.kill(fork_server, signal.SIGSTOP)
        os.kill(worker, signal.SIGKILL)
        if not is_at_work:
            wait_for_the_end([worker])
            answer = pool.submit(own.decode, sound("PNG"), LIMITS, FULL)
        assert (64, 64, 3) == answer.result()[0].shape
    wait_for_the_end([fork_server])


def test_a_worker_killed_at_work_is_replaced(own: Guard) -> None:
    """A file whose worker was killed from outside is tried again, three times in all."""
    own.decode(sound("PNG"), LIMITS, FULL)
    killed = 0
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(own.decode, BOMBS["ppm_plain"](), LIMITS, ENDLESS)
        while not answer.done():
            for pid in workers(own):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    killed += 1
                wait_for_the_end([pid])
        with pytest.raises(ServiceUnavailable):
            answer.result()
    assert killed >= 3
    assert (64, 64, 3) == own.decode(sound("PNG"), LIMITS, FULL)[0].shape


def test_close_ends_everything(own: Guard) -> None:
    """No process remains, not even as a zombie, and a later call starts new ones."""
    own.decode(sound("PNG"), LIMITS, FULL)
    assert own._plain._spawner._fork_server
    everybody = [own._plain._spawner._fork_server.pid, *workers(own)]
    own.close()
    wait_for_the_end(everybody)
    assert not {*everybody} & {*descendants(os.getpid())}
    assert (64, 64, 3) == own.decode(sound("PNG"), LIMITS, FULL)[0].shape


SERVICE = """
import signal, sys
from infra.images.guard.guard import guard
from infra.images.formats.limits import FULL, ImageLimits
signal.signal(signal.SIGINT, signal.default_int_handler)
data = sys.stdin.buffer.read()
guard().decode(data, ImageLimits(), FULL)
print("decoded", flush=True)
signal.pause()
"""
"""SIGINT ends it also where the tests run as a background job of a shell, which passes the signal on as ignored."""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_decoders_end_with_the_service(number: signal.Signals) -> None:
    """However the service ends, its decoders end too; they know none of its settings."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "BIOFUSION_STORE_URL": "redis://:secret@host"}
    with subprocess.Popen(
        [sys.executable, "-c", SERVICE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    ) as service:
        assert service.stdin
        assert service.stdout
        service.stdin.write(sound("PNG"))
        service.stdin.close()
        assert b"decoded\n" == service.stdout.readline()
        decoders = descendants(service.pid)
        assert 2 == len(decoders)
        assert not any(b"secret" in Path(f"/proc/{pid}/environ").read_bytes() for pid in decoders)
        service.send_signal(number)
        service.wait()
        wait_for_the_end(decoders)


def test_a_forked_process_has_its_own_guard() -> None:
    """A process forked from one that decodes does not use its channels."""
    decode(sound("PNG"))
    ours = guard()
    pid = os.fork()
    if not pid:
        is_own = guard() is not ours and decode(sound("PNG")).pixels.shape == (64, 64, 3)
        guard().close()
        os._exit(0 if is_own else 1)
    assert 0 == os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert (64, 64, 3) == decode(sound("PNG")).pixels.shape
