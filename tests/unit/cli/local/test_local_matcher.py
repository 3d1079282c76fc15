from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest

from biometrics.calibration.score_calibration import Calibration
from biometrics.errors import IndexBehind, ServiceUnavailable, StoreSetBack, TemplateMalformed, TemplateModelMismatch
from biometrics.sample import EncodedImage, Sample
from biometrics.template import Modality, Position, Template
from cli.local.local_matcher import LocalMatcher
from fusion.matching.matchers import Hit
from gallery.index.exact import ExactIndex
from gallery.store.values import START, ConsistencyToken
from infra.deadlines import Deadline, current_deadline
from infra.images.decode import Image, ImageLimits
from infra.images.guard.lanes import Lanes
from infra.workers import Workers
from services.extraction import Extraction
from services.recognizer import Recognizer
from tests.support.builders import MODEL_ID, enrolment, reference, vector
from tests.support.fakes.comparators import VectorComparator
from tests.support.fakes.memory_store import MemoryStore
from tests.unit.fusion.world import calibration
from tests.unit.infra.files import png

INDEX = Position.RIGHT_INDEX


@dataclass
class BrokenExtractor:
    """An extractor with a bug."""

    modality: Modality = Modality.FINGERPRINT
    model_id: str = "vector-1"

    def extract(self, image: Image, position: Position) -> Extraction[None]:
        """Fail."""
        raise ZeroDivisionError("of nobody's making")


class Noting(ExactIndex[Any]):
    """An index that records the timeout of each wait."""

    deadlines: ClassVar[list[Deadline]] = []

    async def wait_for(self, token: ConsistencyToken, timeout_s: float) -> None:
        """Do not wait."""
        self.deadlines.append(current_deadline.get())


class Behind(ExactIndex[Any]):
    """An index that never reaches the write it waits for."""

    async def wait_for(self, token: ConsistencyToken, timeout_s: float) -> None:
        """Give up at once."""
        raise IndexBehind("Not yet.")


def fingers() -> Calibration:
    """A calibration for the fake fingerprint comparator."""
    return calibration(Modality.FINGERPRINT)


async def matcher(store: MemoryStore | None = None, kind: type[ExactIndex[Any]] = ExactIndex) -> LocalMatcher:
    """A matcher over the fake comparator and a loaded index."""
    comparator = VectorComparator()
    index = kind(store or MemoryStore(), comparator)
    await index.start()
    parts = (fingers(), index, Workers(1, 4), Workers(1, 4), Lanes(1, 4, ImageLimits()))
    return LocalMatcher(Recognizer(BrokenExtractor(), comparator, *parts))


async def test_scores_are_the_comparators() -> None:
    """Raw scores are in the order of the references, whether few (in the event loop) or many (in a worker)."""
    references = [vector([1, 0, 0, 0]), vector([0, 2, 0, 0]), vector([3, 0, 0, 0])]
    local = await matcher()
    assert [2.0] == await local.compare(vector([2, 0, 0, 0]), references[:1], 5.0)
    assert [2.0, 0.0, 6.0] == await local.compare(vector([2, 0, 0, 0]), references, 5.0)


async def test_hits_are_the_indexs() -> None:
    """Search and scoring return the best raw score of each subject."""
    store = MemoryStore()
    await store.enroll(enrolment("ann", reference([1, 0, 0, 0])))
    await store.enroll(enrolment("bob", reference([0, 1, 0, 0]), reference([3, 0, 0, 0])))
    local, probe = await matcher(store), Sample(Modality.FINGERPRINT, INDEX, vector([1, 0, 0, 0]))
    found = await local.search(probe, "default", 1, START, 5.0)
    facts = fingers().comparator_id, MODEL_ID
    assert ([Hit("bob", 3.0, INDEX, 2, *facts)], 2) == (found.hits, found.subject_count)
    assert [Hit("ann", 1.0, INDEX, 1, *facts)] == await local.score(probe, ["ann", "nobody"], START, 5.0)


async def test_a_refused_sample_is_refused_by_its_own_error() -> None:
    """The recogniser's error about a template reaches the caller unchanged."""
    local, good = await matcher(), vector([1, 0, 0, 0])
    with pytest.raises(TemplateMalformed, match="16 bytes"):
        await local.compare(Template(Modality.FINGERPRINT, "vector-1", b"short"), [good], 5.0)
    with pytest.raises(TemplateModelMismatch):
        await local.compare(vector([1, 0, 0, 0], model_id="vector-0"), [good] * 9, 5.0)


async def test_any_other_error_makes_the_service_unavailable(caplog: pytest.LogCaptureFixture) -> None:
    """An internal error of a service is logged and becomes ServiceUnavailable with the service's name."""
    with caplog.at_level(logging.ERROR, "biofusion.call"), pytest.raises(ServiceUnavailable) as caught:
        await (await matcher()).extract(EncodedImage(png(np.zeros((64, 64), np.uint16))), INDEX, 5.0)
    assert {"modality": "FINGERPRINT", "code": "INTERNAL"} == caught.value.metadata
    assert "ZeroDivisionError" in caplog.text
    assert "nobody" not in caught.value.message


async def test_an_index_that_is_behind_is_the_service_being_unavailable() -> None:
    """As over gRPC, a caller who asks for a write that the index lacks is told that the service does not answer."""
    local, probe = await matcher(kind=Behind), Sample(Modality.FINGERPRINT, INDEX, vector([1, 0, 0, 0]))
    with pytest.raises(ServiceUnavailable) as caught:
        await local.search(probe, "default", 1, ConsistencyToken("memory.0.0"), 5.0)
    assert "UNAVAILABLE" == caught.value.metadata["code"]


async def test_a_token_of_a_lost_write_is_refused_as_such() -> None:
    """The error for a lost write is about the token, not about the service."""
    store = MemoryStore()
    token = (await store.enroll(enrolment("anna"))).token
    await store.set_back()
    local, probe = await matcher(store, Noting), Sample(Modality.FINGERPRINT, INDEX, vector([1, 0, 0, 0]))
    with pytest.raises(StoreSetBack):
        await local.search(probe, "default", 1, token, 5.0)


async def test_a_call_has_the_earlier_of_two_deadlines() -> None:
    """A call to a recogniser ends at the step's timeout, and never after the caller's own deadline."""
    Noting.deadlines.clear()
    store = MemoryStore()
    local, soon = await matcher(store, Noting), Deadline.after(1.0)
    probe, token = Sample(Modality.FINGERPRINT, INDEX, vector([1, 0, 0, 0])), await store.position()
    await local.search(probe, "default", 1, token, 60.0)
    current_deadline.set(soon)
    await local.search(probe, "default", 1, token, 60.0)
    assert 30.0 < Noting.deadlines[0].left_s < 60.0
    assert soon == Noting.deadlines[1] == current_deadline.get()
