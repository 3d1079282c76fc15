"""Runs matching services until a signal. Used by each service's `__main__`, and by `biofusion serve`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from gallery.erased_memory import overwrite_freed
from gallery.store.open_store import check_store, open_store
from gallery.store.options import StoreOptions
from gallery.store.port import SubjectStore
from infra.deadlines import seconds_left
from infra.kernels.cpu import check_cpu
from infra.serving.server import Server, run_process
from infra.settings import PORTS, Settings
from infra.workers import Workers
from services.assembly import Assemble, MatchingService
from services.snapshots import snapshot_maker


def main(name: str, assemble: Assemble) -> None:
    """Run one matching service, configured by the environment, until SIGTERM or SIGINT.

    Args:
        name: of the service, key of `infra.settings.PORTS`.
        assemble: makes the service; called in a thread.
    """
    overwrite_freed()
    run_process(partial(_run, name, assemble))


async def _run(name: str, assemble: Assemble, settings: Settings) -> None:
    settings.check_callers_are_named()
    check_cpu()
    store = open_store(settings.store, StoreOptions.of(settings), left_s=seconds_left)
    await check_store(store)
    workers = Workers(settings.workers, settings.max_pending)
    service = await asyncio.to_thread(assemble, store, workers, settings)
    server = Server(settings, PORTS[name], lambda: workers.has_backlog)
    tails = started_beside(service, store, settings)
    await run_beside(server, tails, [service])
    workers.close()
    await store.close()


def started_beside(service: MatchingService, store: SubjectStore, settings: Settings) -> list[asyncio.Task[None]]:
    """Tasks that run beside the server: the index follows the store, and snapshots are made if a folder is named."""
    maker = snapshot_maker(store, settings, service.recognizer.modality)
    runs = [service.index.run(), *([maker.run()] if maker else [])]
    return [asyncio.create_task(each) for each in runs]


async def run_beside(server: Server, tails: Sequence[asyncio.Task[None]], services: Sequence[MatchingService]) -> None:
    """Serve until a signal, while the tasks run."""
    await server.start([service.registration for service in services])
    await server.run_until_signal()
    for tail in tails:
        tail.cancel()
    await asyncio.gather(*tails, return_exceptions=True)
    await asyncio.gather(*(service.index.close() for service in services))
