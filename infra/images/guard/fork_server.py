"""The fork server: a single-threaded process with all libraries loaded that forks decoder workers; it reads no image.

A fork takes a millisecond, a new interpreter 150 ms of CPU: so a killed decoder is replaced at once, whatever callers
send. The service sends a line to ask for a worker, and receives the worker's socket, a pidfd and shared memory. When
the service closes its socket, the fork server and all workers end.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress

from PIL import Image as Pillow

from infra.images.formats.pillow_files import formats
from infra.images.guard.caps import confine, used
from infra.images.guard.messages import TRAY_BYTES, array_over, new_memory, receive, send
from infra.images.guard.worker import serve

IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Sent to the whole process group of a terminal or unit; the service decides when its decoders end."""


def main(prepare: Callable[[], None] = lambda: None) -> None:
    """Fork workers for the service at the other end of the descriptor in the first argument.

    Args:
        prepare: loads what the workers need besides Pillow.
    """
    for number in IGNORED:
        signal.signal(number, signal.SIG_IGN)
    control = socket.socket(fileno=int(sys.argv[1]))
    Pillow.init()
    formats()
    prepare()
    gc.collect()
    gc.freeze()  # a collection in a worker would copy every shared page
    ForkServer(control).run()


class ForkServer:
    """Forks workers on demand, and reports how each ended.

    Args:
        control: socket to the service.
    """

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._workers: dict[int, tuple[int, socket.socket]] = {}
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)

    def run(self) -> None:
        """Serve until the service closes its socket. The workers end with this process."""
        while True:
            for descriptor, _ in self._poll.poll():
                if descriptor in self._workers:
                    self._reap(descriptor)
                    continue
                try:
                    receive(self._control)
                except ConnectionError:
                    os._exit(0)
                self._fork()

    def _fork(self) -> None:
        ours, theirs = socket.socketpair()
        tray = new_memory(TRAY_BYTES)
        pid = os.fork()
        if not pid:
            try:
                self._become_worker(ours, theirs, tray)
            finally:
                os._exit(1)
        process = os.pidfd_open(pid)
        send(self._control, {"pid": pid}, [ours.fileno(), process, tray])
        ours.close()
        os.close(tray)
        self._workers[process] = pid, theirs
        self._poll.register(process, select.POLLIN)

    def _become_worker(self, ours: socket.socket, theirs: socket.socket, tray: int) -> None:
        confine()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libraries print complaints about a file
        for each in (ours, self._control, *(channel for _, channel in self._workers.values())):
            each.close()
        for process in self._workers:
            os.close(process)
        serve(theirs, array_over(tray))
        os._exit(0)

    def _reap(self, process: int) -> None:
        """Reap an ended worker, and report on its own channel how it ended: whoever waits for its answer reads that."""
        pid, channel = self._workers.pop(process)
        self._poll.unregister(process)
        os.close(process)
        _, status, life = os.wait4(pid, 0)
        with suppress(OSError):  # the service has closed the channel
            send(channel, {"ended_by": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, **used(life)})
        channel.close()


if __name__ == "__main__":
    main()
