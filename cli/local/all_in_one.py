"""All services in one process, on one port and one store."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from biometrics.errors import ConfigurationInvalid
from cli.local.local_finger_matcher import LocalFingerMatcher
from cli.local.local_matcher import LocalMatcher
from cli.local.local_review_cases import LocalReviewCases
from fusion import __main__ as fusion
from fusion.configured import fusion_model
from fusion.jobs.work.engine import JobEngine
from fusion.wire.access.assembly import door_of
from fusion.wire.jobs.assembly import assemble_jobs
from fusion.wire.witness.opening import open_audit, recorded
from gallery.store.open_store import open_store
from gallery.store.options import StoreOptions
from infra.deadlines import seconds_left
from infra.serving.server import Server
from infra.settings import PORTS, Settings
from infra.workers import Workers
from review.options import ReviewOptions
from review.wire.assembly import ReviewProcess
from services.assembly import MatchingService
from services.face import __main__ as face
from services.fingerprint import __main__ as fingerprint
from services.iris import __main__ as iris
from services.running import started_beside


class AllInOne:
    """All services on one server; fusion calls the others directly, without gRPC.

    The recognisers end after the server, so that fusion calls that are being drained can still reach them.

    Args:
        settings: the same as for separate services; the targets are not used.

    Raises:
        ConfigurationInvalid: jobs are to be worked on in a Ray cluster, from where these services cannot be called.
    """

    def __init__(self, settings: Settings) -> None:
        if settings.job_ray_workers:
            raise ConfigurationInvalid(
                "BIOFUSION_JOB_RAY_WORKERS needs services in processes of their own. Set it to 0."
            )
        self._settings = settings
        self._store = open_store(settings.store, StoreOptions.of(settings), left_s=seconds_left)
        self._workers = Workers(settings.workers, settings.max_pending)
        self._tails: list[asyncio.Task[None]] = []
        self._services: list[MatchingService] = []
        self._engine: JobEngine | None = None
        self._model = fusion_model(settings)
        self._audit = audit = open_audit(settings, self._model)
        witness = audit.reviews if audit else None
        self._review = ReviewProcess(self._store, ReviewOptions.of(settings), witness)
        door = door_of(settings, self._store, self._audit.calls if self._audit else None)
        self.server = Server(settings, PORTS["fusion"], lambda: self._workers.has_backlog, door)

    async def start(self) -> None:
        """Load the models, follow the store, and begin to listen.

        Raises:
            StoreUnavailable, ConfigurationInvalid: the store cannot be used.
            ModelUnavailable, ModelCorrupt: a model cannot be loaded.
        """
        await self._store.ping()
        services = self._services = await asyncio.to_thread(self._assemble)
        matchers = {each.modality: each for each in map(_matcher, services)}
        reviews = LocalReviewCases(self._review.reviews)
        deciders = fusion.assemble(matchers, self._store, self._settings, model=self._model, reviews=reviews)
        witness = self._audit.jobs if self._audit else None
        jobs = assemble_jobs(
            matchers, self._store, self._model, self._settings, witness, lambda: self.server.has_waiting
        )
        self._tails = [tail for service in services for tail in started_beside(service, self._store, self._settings)]
        await self.server.start(
            [
                *recorded([*deciders, *jobs.registrations, self._review.registration], self._audit),
                *(service.registration for service in services),
            ]
        )
        self._engine = jobs.engine
        self._engine.start()
        self._review.start()

    async def stop(self) -> None:
        """Drain the server and release everything."""
        await self.server.stop()
        if self._engine is not None:
            await self._engine.close()
        await self._review.close()
        for tail in self._tails:
            tail.cancel()
        await asyncio.gather(*self._tails, return_exceptions=True)
        await asyncio.gather(*(service.index.close() for service in self._services))
        self._workers.close()
        await self._store.close()
        if self._audit:
            await self._audit.close()

    def _assemble(self) -> list[MatchingService]:
        parts = (self._store, self._workers, self._settings)
        return [service.assemble(*parts) for service in (face, fingerprint, iris)]


def _matcher(service: MatchingService) -> LocalMatcher:
    return LocalFingerMatcher(service.recognizer, service.own) if service.own else LocalMatcher(service.recognizer)


@contextmanager
def running(settings: Settings) -> Iterator[str]:
    """Run all services in a thread of this process; gives their address, `host:port`.

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
