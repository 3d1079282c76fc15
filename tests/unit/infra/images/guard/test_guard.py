"""The processes that decode: what ends them, what replaces them, what they know."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from biometrics.errors import DeadlineExpired, ImageTooCostly, ServiceUnavailable
from infra.deadlines import NEVER, Deadline, current_deadline
from infra.images.decode import decode
from infra.images.formats.limits import FULL, QUICK, Effort, ImageLimits, TakesLonger
from infra.images.guard.guard import Guard, guard
from tests.support.hostile_files import BOMBS
from tests.support.made_files import png
from tests.support.mutations import sound

ENDLESS = Effort(cpu_s=1e6)
LIMITS = ImageLimits()


@pytest.fixture
def own() -> Iterator[Guard]:
    """With processes of its own."""
    own = Guard()
    yield own
    own.close()


def descendants(pid: int) -> list[int]:
    """The process ids of its children and theirs, that have not ended."""
    found = []
    with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                found += [child, *descendants(child)]
    return found


def wait_for_the_end(pids: list[int]) -> None:
    """Return when all have ended."""
    for pid in pids:
        try:
            process = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        select.select([process], [], [])
        os.close(process)


def workers(own: Guard) -> list[int]:
    """The process ids of the fork server's workers."""
    assert own._spawner._fork_server
    return descendants(own._spawner._fork_server.pid)


def test_one_process_decodes_many_files(own: Guard) -> None:
    """A worker is used again, and ends after some files."""
    own.decode(sound("PNG"), LIMITS, FULL)
    first = workers(own)
    own.decode(sound("JPEG"), LIMITS, FULL)
    assert first == workers(own)
    for _ in range(64):
        own.decode(sound("PNG"), LIMITS, FULL)
    wait_for_the_end(first)
    assert 1 == len(workers(own))


def test_no_worker_keeps_what_it_has_grown_by(own: Guard) -> None:
    """After 39 million pixels a worker holds hardly more than before, or ends."""
    own.decode(png(8000, 4900, 2), LIMITS, FULL)
    for pid in workers(own):
        resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
        assert resident < 64 * 2**20


def test_an_ended_worker_is_replaced(own: Guard) -> None:
    """A worker that was killed while idle is not missed."""
    own.decode(sound("PNG"), LIMITS, FULL)
    (pid,) = workers(own)
    os.kill(pid, signal.SIGKILL)
    wait_for_the_end([pid])
    assert (64, 64, 3) == own.decode(sound("PNG"), LIMITS, FULL)[0].shape


def test_an_ended_nursery_is_replaced(own: Guard) -> None:
    """The fork server's end ends its workers, and a new one is started."""
    own.decode(sound("PNG"), LIMITS, FULL)
    assert own._spawner._fork_server
    everybody = [own._spawner._fork_server.pid, *workers(own)]
    own._spawner._fork_server.kill()
    wait_for_the_end(everybody)
    assert (64, 64, 3) == own.decode(sound("PNG"), LIMITS, FULL)[0].shape


@pytest.mark.parametrize("is_at_work", [False, True])
def test_a_nursery_that_hangs_is_replaced(own: Guard, monkeypatch: pytest.MonkeyPatch, *, is_at_work: bool) -> None:
    """That it neither tells of a worker's end nor makes another is noticed by who waits, at any time."""
    monkeypatch.setattr("infra.images.guard.spawning.FORK_S", 0.1)
    monkeypatch.setattr("infra.images.guard.guard.SILENCE_S", 0.0)
    own.decode(sound("PNG"), LIMITS, FULL)
    assert own._spawner._fork_server
    fork_server, (worker,) = own._spawner._fork_server.pid, workers(own)
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
    """A file whose worker was killed by somebody is tried again, three times in all."""
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


def test_nobody_waits_any_more(own: Guard) -> None:
    """A worker is killed when the deadline of the call has passed, however much time it may take."""
    own.decode(sound("PNG"), LIMITS, FULL)
    before = workers(own)
    token = current_deadline.set(Deadline.after(0.1))
    with pytest.raises(DeadlineExpired):
        own.decode(BOMBS["ppm_plain"](), LIMITS, ENDLESS)
    current_deadline.reset(token)
    wait_for_the_end(before)
    assert (64, 64, 3) == own.decode(sound("PNG"), LIMITS, FULL)[0].shape


def test_what_takes_longer_may_be_tried_again(own: Guard) -> None:
    """In the quick lane neither size nor time is an error yet."""
    for data in (png(4000, 3300, 0), BOMBS["ppm_plain"]()):
        with pytest.raises(TakesLonger):
            own.decode(data, LIMITS, QUICK)


def test_two_bombs_at_once_and_others_beside_them(own: Guard) -> None:
    """Ordinary files are decoded while hostile ones are."""
    begun = Event()

    def bomb() -> None:
        begun.set()
        with pytest.raises(ImageTooCostly):
            own.decode(BOMBS["ppm_plain"](), LIMITS, FULL)

    with ThreadPoolExecutor() as pool:
        bombs = [pool.submit(bomb), pool.submit(bomb)]
        begun.wait()
        shapes = [own.decode(sound(name), LIMITS, FULL)[0].shape[:2] for name in ("PNG", "JPEG", "BMP")]
        assert [(64, 64)] * 3 == shapes
        for each in bombs:
            each.result()


def test_many_threads() -> None:
    """Each caller gets the pixels of its own file."""
    files = [png(32 + n, 40, 0) for n in range(24)]
    with ThreadPoolExecutor(8) as pool:
        assert [(40, 32 + n) for n in range(24)] == [image.pixels.shape for image in pool.map(decode, files)]


def test_pixels_outlive_the_worker(own: Guard) -> None:
    """Pixels stay as they are when more files are decoded and the processes have ended; nobody can write them."""
    pixels, _ = own.decode(sound("BMP"), LIMITS, FULL)
    before = pixels.copy()
    own.decode(sound("PNG"), LIMITS, FULL)
    own.close()
    assert np.array_equal(before, pixels)
    assert not pixels.flags.writeable


def test_close_ends_everything(own: Guard) -> None:
    """No process is left, not even as a zombie, and a later call starts new ones."""
    own.decode(sound("PNG"), LIMITS, FULL)
    assert own._spawner._fork_server
    everybody = [own._spawner._fork_server.pid, *workers(own)]
    own.close()
    wait_for_the_end(everybody)
    assert not {*everybody} & {*descendants(os.getpid())}
    assert (64, 64, 3) == own.decode(sound("PNG"), LIMITS, FULL)[0].shape


SERVICE = """
import signal, sys
from infra.images.guard.guard import guard
from infra.images.formats.limits import FULL, ImageLimits
data = sys.stdin.buffer.read()
guard().decode(data, ImageLimits(), FULL)
print("decoded", flush=True)
signal.pause()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_decoders_end_with_the_service(number: signal.Signals) -> None:
    """Whatever ends the service ends its decoders; and they know none of its settings."""
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


def test_a_fork_has_its_own() -> None:
    """A process that was forked from one that decodes does not use its channels."""
    decode(sound("PNG"))
    ours = guard()
    pid = os.fork()
    if not pid:
        is_own = guard() is not ours and decode(sound("PNG")).pixels.shape == (64, 64, 3)
        guard().close()
        os._exit(0 if is_own else 1)
    assert 0 == os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert (64, 64, 3) == decode(sound("PNG")).pixels.shape


def test_no_deadline_by_default() -> None:
    """Where no call is served nothing ends the wait."""
    assert NEVER == current_deadline.get()
