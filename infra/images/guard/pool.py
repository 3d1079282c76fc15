"""Idle workers of one fork server."""

from __future__ import annotations

from threading import Lock

from infra.images.guard.spawning import Spawned, Spawner

FORK_SERVER = "infra.images.guard.fork_server"
COMPILED_FORK_SERVER = "infra.images.guard.compiled_fork_server"


class Pool:
    """Workers of one fork server. Thread-safe.

    Args:
        module: of the fork server.
    """

    def __init__(self, module: str) -> None:
        self._spawner = Spawner(module)
        self._idle: list[Spawned] = []
        self._lock = Lock()

    def take(self) -> Spawned:
        """An idle worker, or a new one.

        Raises:
            ServiceUnavailable: none can be started.
        """
        with self._lock:
            while self._idle:
                worker = self._idle.pop()
                if worker.is_silent:
                    return worker
                worker.close()  # it has ended in the meantime
        return self._spawner.new()

    def put_back(self, worker: Spawned, *, is_last: bool) -> None:
        """Keep a worker for the next file, or close it if it ends with this one."""
        if is_last:
            worker.close()
            return
        with self._lock:
            self._idle.append(worker)

    def warm(self) -> None:
        """Start the fork server without waiting for it."""
        self._spawner.start()

    def close(self) -> None:
        """End all processes. A later call starts new ones."""
        with self._lock:
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.close()
        self._spawner.close()
