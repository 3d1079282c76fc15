"""Assembles a matching service from its parts. Used by each service's `__main__`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Any, TypeVar

import grpc
from biofusion.matching.v1 import matching_pb2

from biometrics.comparison import Comparator
from gallery.index.exact import ExactIndex
from gallery.index.port import Index
from gallery.index.search.compare import EXHAUSTIVE_ROWS
from gallery.store.port import SubjectStore
from infra.calibrations import load_calibration
from infra.calibrations.pairs import Pairs
from infra.deadlines import seconds_left
from infra.images.decode import ImageLimits
from infra.images.guard.lanes import Lanes
from infra.memory_limit import index_memory
from infra.models.manifest import manifest
from infra.serving.server import Registration
from infra.settings import Settings
from infra.workers import Workers
from services.calibrated_models import Load, compared_models
from services.extraction import Extractor
from services.measured import MeasuredRecognizer, readings
from services.recognizer import Recognizer
from services.snapshots import snapshot_reader


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
) -> MeasuredRecognizer[Any, Any]:
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
    return MeasuredRecognizer(
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
            most_bytes=index_memory(settings),
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
    core: MeasuredRecognizer[Any, Any],
    own: Any = None,
) -> MatchingService:
    """A servicer with its readiness: it is ready while its index is healthy."""
    is_ready, own_readings = (lambda: core.index.is_healthy), partial(readings, core)
    registration = Registration(name, lambda server: add(servicer, server), is_ready, own_readings)
    return MatchingService(registration, core, own)
