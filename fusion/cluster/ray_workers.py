"""Keeps processes on a Ray cluster that work on jobs: starts them, starts lost ones again, and ends them."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

import ray
from ray.exceptions import ActorDiedError, RayError

from fusion.cluster.job_process import JobProcess, JobProcessStatus, Open
from gallery.cluster.joining import connect
from gallery.ending import end

log = logging.getLogger(__name__)

LOOK_S = 1.0
"""Seconds between two questions for a process's state, and before a lost one is started again."""
CLOSE_S = 5.0
"""Seconds in which processes give back what they work on, before they are ended; else its leases expire."""


@dataclass(frozen=True, slots=True)
class Needs:
    """How many processes there are, and what Ray reserves for each.

    Args:
        count: of processes, 1 or more.
        cpus: number of CPUs.
        memory_bytes: memory; 0: none.
    """

    count: int
    cpus: float = 1.0
    memory_bytes: int = 0


class RayWorkers:
    """The processes, between `start` and `close`. They are spread over the machines, and end with this process.

    Nothing but leases in the store connects them with this process: what one did that is lost, or hangs, is begun again
    by any other one, or by a fusion process.

    Args:
        address: of the Ray cluster: "auto", or host:port of its head.
        needs: how many, and what they need.
        workplace: opens what each works with, on its machine.
    """

    def __init__(self, address: str, needs: Needs, workplace: Open) -> None:
        self._address, self._needs, self._workplace = address, needs, workplace
        self._actors: dict[int, Any] = {}
        self._turn = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self.states: dict[int, JobProcessStatus] = {}
        """What each process, by its number, said last; those that have not begun, and lost ones, are left out."""

    def start(self) -> None:
        """Begin to keep them. They are started as soon as the cluster can be reached and has room."""
        self._tasks = [
            asyncio.create_task(self._keep(number), name="a process that works on jobs")
            for number in range(self._needs.count)
        ]

    async def close(self) -> None:
        """End them; each gives back what it works on."""
        for task in self._tasks:
            await end(task)
        self._tasks, self.states = [], {}
        closing = [asyncio.wrap_future(each.close.remote().future()) for each in self._actors.values()]
        if closing:
            await asyncio.wait(closing, timeout=CLOSE_S)
        for each in self._actors.values():
            ray.kill(each)
        self._actors = {}

    async def _keep(self, number: int) -> None:
        """Keep one process until cancelled."""
        told = ""
        while True:
            error = await self._looked(number)
            if error not in ("", told):
                log.warning("A process on the cluster cannot work on jobs: %s", error)
            told = error
            await asyncio.sleep(LOOK_S)

    async def _looked(self, number: int) -> str:
        """Start a process if there is none, and ask for its state; returns what is wrong, "" if nothing is."""
        try:
            async with self._turn:  # a process joins the cluster once
                if number not in self._actors:
                    self._actors[number] = await asyncio.to_thread(self._started)
            status = await asyncio.wrap_future(self._actors[number].status.remote().future())
        except ActorDiedError as error:
            self._actors.pop(number, None)
            self.states.pop(number, None)
            return f"It has ended, and is started again. {error}"
        except (RayError, ConnectionError) as error:
            return f"The cluster does not answer: {type(error).__name__}."
        self.states[number] = status
        return str(status.error)

    def _started(self) -> Any:
        connect(self._address)
        placed = ray.remote(JobProcess).options(
            num_cpus=self._needs.cpus,
            memory=self._needs.memory_bytes or None,
            max_restarts=0,  # a lost one is replaced by a new one
            scheduling_strategy="SPREAD",
        )
        return placed.remote(self._workplace)
