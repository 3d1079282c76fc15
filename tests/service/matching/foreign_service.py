"""The fingerprint service on a real server with the real network, with or without a calibration of foreign minutiae.

The calibration is a temporary fixture of these tests: the shipped one of the own minutiae under the comparator id of
foreign ones.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import grpc
from biofusion.fingerprint.v1.fingerprint_pb2_grpc import FingerprintServiceStub

from biometrics.calibration.score_calibration import Calibration
from biometrics.errors import ComparatorUncalibrated
from biometrics.sample import EncodedImage
from biometrics.template import Position, Template
from fusion.configured import fusion_model
from fusion.models.model import FusionModel
from gallery.store.values import Enrolment
from gallery.subject import DEFAULT_GALLERY, Encounter, Reference
from infra.calibrations import load_calibration
from infra.calibrations.pairs import EARLIER_MINUTIAE, FOREIGN_COMPARATOR, FOREIGN_MINUTIAE, PAIRS
from infra.models.model_cache import asset
from infra.models.supply import ensure_all, ensure_assets
from infra.serving.server import Server
from infra.settings import Settings
from infra.workers import Workers
from services.assembly import MatchingService
from services.fingerprint.__main__ import assemble
from tests.support.fakes.memory_store import MemoryStore
from tests.unit.services.fingerprint.minutiae import without_signs

OWN_COMPARATOR = "fingerprint-signs-1"
INDEX = Position.RIGHT_INDEX


def with_foreign(comparator_id: str) -> Calibration:
    """The shipped calibrations, and one of foreign minutiae for this test."""
    if comparator_id == FOREIGN_COMPARATOR:
        own = load_calibration(OWN_COMPARATOR)
        return replace(
            own, comparator_id=FOREIGN_COMPARATOR, model_id=FOREIGN_MINUTIAE, quality=None, source="fixture of a test"
        )
    return load_calibration(comparator_id)


def without_foreign(comparator_id: str) -> Calibration:
    """The calibrations of an installation that has none of foreign minutiae."""
    if comparator_id == FOREIGN_COMPARATOR:
        raise ComparatorUncalibrated("none", comparator_id=comparator_id)
    return load_calibration(comparator_id)


@dataclass(frozen=True)
class Running:
    """A running service, its store, and two captures of one finger and one of another as own templates."""

    stub: FingerprintServiceStub
    service: MatchingService
    store: MemoryStore
    first: Template
    second: Template
    other: Template


async def started(load: Any) -> AsyncIterator[Running]:
    """A service with these calibrations."""
    ensure_all()
    ensure_assets()
    store, workers, settings = MemoryStore(), Workers(2, 16), Settings(port=0, log_level="WARNING")
    service = assemble(store, workers, settings, load)
    await service.index.start()
    server = Server(settings, 0)
    await server.start([service.registration])
    async with grpc.aio.insecure_channel(server.address) as channel:
        images = [EncodedImage(asset(f"finger-{number}")) for number in (1, 2, 3)]
        found = [(await service.recognizer.extract(image, INDEX)).template for image in images]
        yield Running(FingerprintServiceStub(channel), service, store, *found)
    await server.stop()
    await service.index.close()
    workers.close()


def foreign(template: Template) -> Template:
    """The same minutiae as if others had found them: without signs."""
    return without_signs(template).of_model(FOREIGN_MINUTIAE)


def earlier(template: Template) -> Template:
    """The template as the previous model made it."""
    return without_signs(template).of_model(EARLIER_MINUTIAE)


def rule() -> FusionModel:
    """The fusion model with the calibration of this test."""
    shipped = fusion_model(Settings())
    calibrations = {**shipped.calibrations, FOREIGN_COMPARATOR: with_foreign(FOREIGN_COMPARATOR)}
    return replace(shipped, calibrations=calibrations, pairs=PAIRS)


async def enrolled(running: Running, subject_id: str, *templates: Template) -> None:
    """Enrol a subject with these references."""
    references = tuple(Reference(INDEX, each, 80.0) for each in templates)
    encounter = Encounter("e1", datetime.now(UTC), references)
    facts = (f"r-{subject_id}", "d", subject_id, (DEFAULT_GALLERY,), encounter)
    receipt = await running.store.enroll(Enrolment(*facts, create_subject=True))
    await running.service.index.wait_for(receipt.token, 30)
