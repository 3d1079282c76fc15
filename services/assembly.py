"""Assembles a matching service from its parts and runs it until a signal. Used by each service's `__main__`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Any, TypeVar

import grpc
from biofusion.matching.v1 import matching_pb2

from biometrics.comparison import Comparator
from gallery.erased_memory import overwrite_freed
from gallery.index.exact import ExactIndex
from gallery.index.port import Index
from gallery.index.search.compare import EXHAUSTIVE_ROWS
from gallery.store.open_store import check_store, open_store
from gallery.store.options import StoreOptions
from gallery.store.port import SubjectStore
from infra.calibrations import load_calibration
from infra.calibrations.pairs import Pairs
from infra.deadlines import seconds_left
from infra.images.decode import ImageLimits
from infra.images.guard.lanes import Lanes
from infra.models.manifest import manifest
from infra.serving.server import Registration, Server, run_process
from infra.settings import PORTS, Settings
from infra.workers import Workers
from services.calibrated_models import Load, compared_models
from services.extraction import Extractor
from services.recognizer import Recognizer
from services.snapshots import snapshot_maker, snapshot_reader


@dataclass(frozen=True, slots=True)
class MatchingService:
    """A matching service ready to be added to a server.

    Args:
        registration: its name, servicer and readiness.
        recognizer: its use cases, for callers in this process.
        own: use cases that only this service has; None if there are none.
    """

    registration: Registration
    recognizer: Recognizer[Any, Any]
    own: Any = None

    @property
    def index(self) -> Index:
        """The index; its `run` must be a task beside the server."""
        return self.recognizer.index


SEARCHES_AT_ONCE = 32
"""Most searches that wait for one pass over the index together."""

Servicer = TypeVar("Servicer")

OtherModel = tuple[Comparator[Any], Extractor[Any] | None]
"""A model that is compared beside the own one: its comparator, and what makes its templates of images, if anything."""

Assemble = Callable[[SubjectStore, Workers, Settings], MatchingService]


def recognizer(
    extractor: Extractor[Any],
    comparator: Comparator[Any],
    store: SubjectStore,
    workers: Workers,
    settings: Settings,
    at_once: int,
    segment_size: int = 4096,
    exhaustive_rows: int = EXHAUSTIVE_ROWS,
    others: Sequence[OtherModel] = (),
    pairs: Pairs | None = None,
    load: Load = load_calibration,
) -> Recognizer[Any, Any]:
    """The use cases over these parts, with the shipped calibrations.

    Args:
        extractor: image → template.
        comparator: templates → scores.
        store: the system of record.
        workers: threads for computation.
        settings: limits and number of threads.
        at_once: see `Recognizer`.
        segment_size: see `ExactIndex`.
        exhaustive_rows: see `ExactIndex`.
        others: further models that are compared: comparator, and extractor if templates are made of images. Those
            without a calibration are left out. In a Ray cluster their references are not searched.
        pairs: the pairs of models that are comparable; None: the shipped ones (infra/calibrations/pairs.py).
        load: the calibrations.

    Raises:
        ComparatorUncalibrated: no calibration is shipped for the comparator.
    """
    models = compared_models(comparator, extractor, others, pairs, load, are_searched=not settings.ray_address)
    beside = [each.comparator for each in models.others if each.is_searched]
    return Recognizer(
        extractor,
        comparator,
        models.own.calibration,
        index_of(comparator, store, settings, segment_size, exhaustive_rows, beside),
        workers,
        Workers(SEARCHES_AT_ONCE, settings.max_pending),
        Lanes(settings.workers, settings.max_pending, ImageLimits(max_bytes=settings.max_image_bytes)),
        at_once,
        models=models,
        resolve=store.resolve,
    )


def index_of(
    comparator: Comparator[Any],
    store: SubjectStore,
    settings: Settings,
    segment_size: int,
    exhaustive_rows: int,
    others: Sequence[Comparator[Any]] = (),
) -> Index:
    """The index of a service: in this process, or in shards on the machines of a Ray cluster if one is named.

    A shard makes the comparator by calling its class without arguments, and opens the store by the settings in the
    environment of its own machine (services/shard_store.py).

    Raises:
        ModuleNotFoundError: a cluster is named, and Ray is not installed.
    """
    if not settings.ray_address:
        return ExactIndex(
            store,
            comparator,
            segment_size=segment_size,
            threads=settings.workers,
            exhaustive_rows=exhaustive_rows,
            snapshots=snapshot_reader(store, settings),
            others=others,
        )
    from gallery.cluster.messages import Importable  # noqa: PLC0415  # here and below: they need an extra
    from gallery.cluster.placement import Needs  # noqa: PLC0415
    from gallery.cluster.ray_index import RayIndex  # noqa: PLC0415
    from gallery.cluster.sharding import Sharding  # noqa: PLC0415

    kind = type(comparator)
    sharding = Sharding(
        settings.ray_address,
        settings.ray_shards,
        Needs(settings.ray_cpus, settings.ray_memory_mb * 2**20, settings.ray_replicas),
        Importable("services.shard_store:shard_store"),
        Importable(f"{kind.__module__}:{kind.__name__}"),
        Importable("services.shard_store:shard_snapshots"),
        segment_size=segment_size,
        threads=ceil(settings.ray_cpus),
        exhaustive_rows=exhaustive_rows,
    )
    return RayIndex(store, comparator, sharding, seconds_left)


def loaded_models(*names: str) -> list[matching_pb2.LoadedModel]:
    """Name, sha256 and licence of these models, from the manifest."""
    items = [manifest().models[name] for name in names]
    return [matching_pb2.LoadedModel(name=i.name, sha256=i.sha256, licence=i.licence) for i in items]


def matching_service(
    name: str,
    servicer: Servicer,
    add: Callable[[Servicer, grpc.aio.Server], None],
    core: Recognizer[Any, Any],
    own: Any = None,
) -> MatchingService:
    """A servicer with its readiness: it is ready while its index is healthy."""
    registration = Registration(name, lambda server: add(servicer, server), lambda: core.index.is_healthy)
    return MatchingService(registration, core, own)


def main(name: str, assemble: Assemble) -> None:
    """Run one matching service, configured by the environment, until SIGTERM or SIGINT.

    Args:
        name: of the service, key of `infra.settings.PORTS`.
        assemble: makes the service; called in a thread.
    """
    overwrite_freed()
    run_process(partial(_run, name, assemble))


async def _run(name: str, assemble: Assemble, settings: Settings) -> None:
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
