"""The review service on a store of its own, beside a fusion service that knows a few answers by heart."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any, TypeVar

from gallery.store.subject_store import PartitionedStore
from infra.serving.server import Server
from infra.settings import Settings
from review.options import ReviewOptions
from review.wire.assembly import ReviewProcess
from tests.support.builders import enrolment
from tests.support.console.fusion_servicer import registrations
from tests.support.review.desk import Clock
from tests.support.stores.sqlite_store import sqlite_store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Services:
    """Running services.

    Args:
        address: of all of them.
        clock: of reviews, in seconds since 1970.
        asked: requests that the fusion service got, by method.
        process, store: of reviews; only to be used where they run.
        loop: where they run.
    """

    address: str
    clock: Clock
    asked: list[tuple[str, Any]]
    process: ReviewProcess
    store: PartitionedStore
    loop: asyncio.AbstractEventLoop

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of what is to be done where the services run."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)


@contextmanager
def running_services(folder: Path, subjects: tuple[str, ...]) -> Iterator[Services]:
    """Run them in a thread of this process, with these subjects."""
    started: Queue[tuple[Services, asyncio.Event]] = Queue()
    clock, asked = Clock(time.time()), list[tuple[str, Any]]()

    async def run() -> None:
        store = sqlite_store(folder / "store.db")
        for each in subjects:
            await store.enroll(enrolment(each))
        process = ReviewProcess(store, ReviewOptions(keeps_images=True), clock=clock)
        server = Server(Settings(port=0, drain_s=0.0), 0)
        await server.start([process.registration, *registrations(asked)])
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        started.put((Services(server.address, clock, asked, process, store, loop), stopping))
        await stopping.wait()
        await server.stop()
        await process.close()
        await store.close()

    thread = Thread(target=lambda: asyncio.run(run()))
    thread.start()
    services, stopping = started.get(timeout=60)
    try:
        yield services
    finally:
        services.loop.call_soon_threadsafe(stopping.set)
        thread.join(60)
