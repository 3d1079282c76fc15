"""Starts and uses the fork server from the service: on demand, and again when it has ended."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import ServiceUnavailable
from infra.images.guard.messages import TRAY_BYTES, pixels_in, receive, send
from infra.models.model_cache import cache_dir

START_S = 120.0
"""Longest wait for the first worker, in seconds: an interpreter starts, and may compile, perhaps on a busy machine."""

FORK_S = 10.0
"""Longest wait for a further worker, which takes milliseconds, before the fork server counts as hanging."""

END_S = 5.0
ROOT = Path(__file__).parents[3]
OURS = "BIOFUSION_"
KEPT_BYTES = str(8 * 2**20)
"""Memory that malloc keeps between two files; larger blocks are returned to the system at once."""


@dataclass(slots=True)
class Spawned:
    """A worker process.

    Args:
        channel: socket to it.
        process: pidfd, which never refers to another process.
        pid: its process id.
        tray: shared memory that it writes pixels into.
    """

    channel: socket.socket = field(repr=False)
    process: int
    pid: int
    tray: NDArray[np.uint8] = field(repr=False)

    @property
    def is_silent(self) -> bool:
        """Whether it lives and has sent nothing, as a worker without work should."""
        return not _readable(self.channel.fileno(), self.process)

    @property
    def has_ended(self) -> bool:
        """Whether the kernel reports its end, whether or not the fork server has said how."""
        return _readable(self.process)

    def processor_s(self) -> float:
        """Seconds of CPU it has used; 0 if it has ended (`man 2 clock_getres`: clocks of other processes)."""
        try:
            return time.clock_gettime((~self.pid << 3) | 2)
        except OSError:
            return 0.0

    def kill(self) -> None:
        """Kill it at once."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.process, signal.SIGKILL)
        self.close()

    def close(self) -> None:
        """Close the channel; the worker ends when it has no work."""
        self.channel.close()
        os.close(self.process)


def _readable(*descriptors: int) -> bool:
    poll = select.poll()
    for each in descriptors:
        poll.register(each, select.POLLIN)
    return bool(poll.poll(0))


class Spawner:
    """Makes workers through the fork server. Thread-safe.

    Args:
        module: of the fork server.
    """

    def __init__(self, module: str) -> None:
        self._module = module
        self._lock = Lock()
        self._fork_server: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def start(self) -> None:
        """Start the fork server unless it runs, without waiting for it."""
        with self._lock:
            self._running()

    def new(self) -> Spawned:
        """A new worker.

        Raises:
            ServiceUnavailable: none can be started.
        """
        with self._lock:
            for _ in range(2):  # the fork server may have ended since its last use
                try:
                    control = self._running()
                    send(control, {})
                    answer, (channel, process, tray) = receive(control)
                    pixels = pixels_in(tray, (TRAY_BYTES,))
                    os.close(tray)
                    control.settimeout(FORK_S)
                    return Spawned(socket.socket(fileno=channel), process, answer["pid"], pixels)
                except TimeoutError:
                    self._end(0.0)
                except OSError:  # includes ConnectionError
                    self._end()
        raise ServiceUnavailable("Images cannot be decoded now: no decoder can be started.")

    def close(self) -> None:
        """End the fork server and all workers."""
        with self._lock:
            self._end()

    def _running(self) -> socket.socket:
        if self._control is None:
            ours, theirs = socket.socketpair()
            with theirs:
                self._fork_server = subprocess.Popen(  # noqa: S603  # this interpreter, our own module
                    [sys.executable, "-P", "-m", self._module, str(theirs.fileno())],
                    env=_environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                )
            ours.settimeout(START_S)
            self._control = ours
        return self._control

    def _end(self, patience_s: float = END_S) -> None:
        if self._control is None or self._fork_server is None:
            return
        self._control.close()
        try:
            self._fork_server.wait(patience_s)
        except subprocess.TimeoutExpired:
            self._fork_server.kill()
            self._fork_server.wait()
        self._control = self._fork_server = None


def _environment() -> dict[str, str]:
    """This process's environment without the project's settings, which may hold secrets."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    path = os.pathsep.join(filter(None, (str(ROOT), kept.get("PYTHONPATH"))))
    return kept | {
        "PYTHONPATH": path,
        "NUMBA_CACHE_DIR": os.environ.get("NUMBA_CACHE_DIR") or str(cache_dir() / "kernels"),
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "1",
        "MALLOC_MMAP_THRESHOLD_": KEPT_BYTES,
        "MALLOC_TRIM_THRESHOLD_": KEPT_BYTES,
    }
