"""A face service with a previous model beside its own, on a real server, and a store whose references are replaced.

The previous model is the same network on mirrored images, under another model id. Templates of the two models are taken
as not comparable.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import grpc
from biofusion.face.v1.face_pb2_grpc import FaceServiceStub, add_FaceServiceServicer_to_server

from biometrics.calibration.score_calibration import Calibration
from biometrics.template import Position, Template
from gallery.index.port import Index
from gallery.store.values import ChangeKind, ConsistencyToken
from gallery.subject import DEFAULT_GALLERY, Reference, Subject
from infra.calibrations import load_calibration
from infra.images.decode import Image
from infra.serving.server import Server
from infra.settings import Settings
from infra.workers import Workers
from services.assembly import matching_service, recognizer
from services.extraction import Extraction
from services.face.comparator import FaceComparator
from services.face.extractor import FaceExtractor
from services.face.servicer import NAME, FaceServicer
from services.face.template.features import MODEL_ID
from tests.support.builders import encounter
from tests.support.fakes.memory_store import MemoryStore

PREVIOUS_ID, PREVIOUS_COMPARATOR = "face-mirrored-0", "face-cosine-0"


class PreviousComparator(FaceComparator):
    """The comparator of the previous model."""

    comparator_id = PREVIOUS_COMPARATOR
    model_id = PREVIOUS_ID


class PreviousExtractor(FaceExtractor):
    """The extractor of the previous model."""

    model_id = PREVIOUS_ID
    extracted_count = 0

    def extract(self, image: Image, position: Position) -> Extraction[Any]:
        """Extract the template of the mirrored image."""
        self.extracted_count += 1
        found = super().extract(replace(image, pixels=image.pixels[:, ::-1].copy()), position)
        return replace(found, template=found.template.of_model(PREVIOUS_ID))


class ReplacingStore(MemoryStore):
    """A store in which a subject can be replaced in one write."""

    async def put(self, subject_id: str, template: Template) -> ConsistencyToken:
        """Make this template the only reference of the subject."""
        reference = Reference(Position.FACE, template, 90.0)
        self.subjects[subject_id] = Subject(subject_id, (DEFAULT_GALLERY,), (encounter(reference),))
        request_id = f"put-{len(self.receipts)}"
        return (await self._log(request_id, "d", subject_id, "e1", ChangeKind.PUT)).token


def load(comparator_id: str) -> Calibration:
    """The shipped calibrations; the previous comparator has that of the own one, as it is the same network."""
    shipped = load_calibration(FaceComparator.comparator_id)
    return replace(shipped, comparator_id=comparator_id) if comparator_id == PREVIOUS_COMPARATOR else shipped


@asynccontextmanager
async def serving(store: MemoryStore) -> AsyncIterator[tuple[FaceServiceStub, Index, PreviousExtractor]]:
    """A stub of the service, its index, and the extractor of its previous model."""
    settings, workers = Settings(port=0, log_level="WARNING"), Workers(2, 16)
    own, previous = FaceExtractor.load(), PreviousExtractor.load()
    core = recognizer(
        own,
        FaceComparator(),
        store,
        workers,
        settings,
        at_once=4,
        others=[(PreviousComparator(), previous)],
        pairs={(PREVIOUS_ID, PREVIOUS_ID): PREVIOUS_COMPARATOR},
        load=load,
    )
    service = matching_service(NAME, FaceServicer(core, []), add_FaceServiceServicer_to_server, core)
    await core.index.start()
    server = Server(settings, 0)
    await server.start([service.registration])
    async with grpc.aio.insecure_channel(server.address) as channel:
        yield FaceServiceStub(channel), core.index, previous
    await server.stop()
    await core.index.close()
    workers.close()


__all__ = ["MODEL_ID", "PREVIOUS_ID", "ReplacingStore", "serving"]
