"""An image is extracted by every model of which there may be references, and by no other."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image as Pillow

from biometrics.errors import AcquisitionFailed
from biometrics.quality import Quality
from biometrics.sample import EncodedImage, Sample
from biometrics.template import Modality, Position
from gallery.index.exact import ExactIndex
from gallery.store.values import START
from infra.images.decode import Image, ImageLimits
from infra.images.guard.lanes import Lanes
from infra.workers import Workers
from services.compared import ComparedModel, ComparedModels
from services.extraction import Extraction
from services.recognizer import Recognizer
from tests.support.builders import MODEL_ID, enrolment, reference, vector
from tests.support.fakes.comparators import VectorComparator
from tests.support.fakes.memory_store import MemoryStore
from tests.unit.services.test_several_models import OLD, load

INDEX = Position.RIGHT_INDEX
_FILE = io.BytesIO()
Pillow.fromarray(np.zeros((64, 64), np.uint8)).save(_FILE, "PNG")
IMAGE = EncodedImage(_FILE.getvalue())


@dataclass
class VectorExtractor:
    """An extractor that finds one vector in every image, or nothing."""

    model_id: str
    modality: Modality = Modality.FINGERPRINT
    finds: bool = True

    def extract(self, image: Image, position: Position) -> Extraction[None]:
        """A template of the model."""
        if not self.finds:
            raise AcquisitionFailed("Nothing there.", reason="NOTHING")
        return Extraction(vector([1, 0, 0, 0], model_id=self.model_id), Quality(50.0), None)


@dataclass
class World:
    """A recogniser of two models with its parts; the index is not started."""

    store: MemoryStore
    index: ExactIndex[object]
    previous: VectorExtractor
    recognizer: Recognizer[None, object]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """An own model and a previous one."""
    store, own, old = MemoryStore(), VectorComparator(), VectorComparator(model_id=OLD)
    index, workers, previous = ExactIndex(store, own, others=[old]), Workers(1, 4), VectorExtractor(OLD)
    extractor = VectorExtractor(MODEL_ID)
    models = ComparedModels(
        ComparedModel(own, {MODEL_ID: load("dot-1")}, extractor),
        [ComparedModel(old, {OLD: load("dot-old")}, previous)],
    )
    parts = (extractor, own, load("dot-1"), index, workers, workers, Lanes(1, 4, ImageLimits()))
    yield World(store, index, previous, Recognizer(*parts, models=models))
    await index.close()


async def models_of(world: World) -> list[str]:
    """Models of the templates of an image."""
    template = (await world.recognizer.extract(IMAGE, INDEX)).template
    return [each.model_id for each in template.by_each]


async def test_only_models_with_references_extract(world: World) -> None:
    """Before the index is loaded all do; then those of which it holds references, and the own one."""
    assert [MODEL_ID, OLD] == await models_of(world)
    await world.index.start()
    assert [MODEL_ID] == await models_of(world)
    token = (await world.store.enroll(enrolment("old", reference([1, 0, 0, 0], model_id=OLD)))).token
    await world.index.wait_for(token, 30)
    assert [MODEL_ID, OLD] == await models_of(world)
    found = await world.recognizer.search(Sample(Modality.FINGERPRINT, INDEX, IMAGE), "default", 5, START)
    assert [("old", OLD)] == [(each.subject_id, each.reference_model_id) for each in found.candidates]
    token = (await world.store.delete("old", "r", "d")).token
    await world.index.wait_for(token, 30)
    assert [MODEL_ID] == await models_of(world)


async def test_an_image_that_only_the_previous_model_refuses_is_used(world: World) -> None:
    """It is compared with references of the own model only."""
    world.previous.finds = False
    assert [MODEL_ID] == await models_of(world)
