"""All four services in one process, on one port and one store."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from cli.local.local_finger_matcher import LocalFingerMatcher
from cli.local.local_matcher import LocalMatcher
from fusion import __main__ as fusion
from fusion.jobs.work.engine import JobEngine
from fusion.wire.jobs.assembly import assemble_jobs
from gallery.store.open_store import open_store
from gallery.store.options import StoreOptions
from infra.deadlines import seconds_left
from infra.serving.server import Server
from infra.settings import PORTS, Settings
from infra.workers import Workers
from services.assembly import MatchingService, started_beside
from services.face import __main__ as face
from services.fingerprint import __main__ as fingerprint
from services.iris import __main__ as iris


class AllInOne:
    """Four services on one server; fusion calls the matching services' recognisers directly, without gRPC.

    The recognisers end after the server, so that fusion calls that are being drained can still reach them.

    Args:
        settings: the same as for separate services; the targets are not used.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._store = open_store(settings.store, StoreOptions.of(settings), left_s=seconds_left)
        self._workers = Workers(settings.workers, settings.max_pending)
        self._tails: list[asyncio.Task[None]] = []
        self._services: list[MatchingService] = []
        self._engine: JobEngine | None = None
        self.server = Server(settings, PORTS["fusion"], lambda: self._workers.has_backlog)

    async def start(self) -> None:
        """Load the models, follow the store, and begin to listen.

        Raises:
            StoreUnavailable, ConfigurationInvalid: the store cannot be used.
            ModelUnavailable, ModelCorrupt: a model cannot be loaded.
        """
        await self._store.ping()
        services = self._services = await asyncio.to_thread(self._assemble)
        matchers = {each.modality: each for each in map(_matcher, services)}
        deciders = fusion.assemble(matchers, self._store, self._settings)
        jobs = assemble_jobs(matchers, self._store, fusion.fusion_model(self._settings), self._settings)
        self._tails = [tail for service in services for tail in started_beside(service, self._store, self._settings)]
        await self.server.start([*deciders, *jobs.registrations, *(service.registration for service in services)])
        self._engine = jobs.engine
        self._engine.start()

    async def stop(self) -> None:
        """Drain the server and release everything."""
        await self.server.stop()
        if self._engine is not None:
            await self._engine.close()
        for tail in self._tails:
            tail.cancel()
        await asyncio.gather(*self._tails, return_exceptions=True)
        await asyncio.gather(*(service.index.close() for service in self._services))
        self._workers.close()
        await self._store.close()

    def _assemble(self) -> list[MatchingService]:
        parts = (self._store, self._workers, self._settings)
        return [service.assemble(*parts) for service in (face, fingerprint, iris)]


def _matcher(service: MatchingService) -> LocalMatcher:
    return LocalFingerMatcher(service.recognizer, service.own) if service.own else LocalMatcher(service.recognizer)


@contextmanager
def running(settings: Settings) -> Iterator[str]:
    """Run all four services in a thread of this process; gives their address, `host:port`.

    A free port replaces the one of the settings.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="services", daemon=True)
    thread.start()

    async def start() -> AllInOne:
        services = AllInOne(replace(settings, port=0))
        try:
            await services.start()
        except BaseException:
            await services.stop()
            raise
        return services

    try:
        services = asyncio.run_coroutine_threadsafe(start(), loop).result()
        try:
            yield services.server.address
        finally:
            asyncio.run_coroutine_threadsafe(services.stop(), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
