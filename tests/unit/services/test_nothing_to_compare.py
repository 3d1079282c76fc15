"""A recogniser refuses probes without comparable content; stored ones do no harm."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from biometrics.errors import TemplateMalformed
from biometrics.sample import Sample
from biometrics.template import Modality, Position, Template
from gallery.index.exact import ExactIndex
from gallery.store.values import START
from infra.images.decode import ImageLimits
from infra.workers import Workers
from services.recognizer import Recognizer
from tests.support.builders import enrolment, reference, vector
from tests.support.fakes.comparators import VectorComparator
from tests.support.fakes.memory_store import MemoryStore
from tests.unit.cli.local.test_local_matcher import BrokenExtractor
from tests.unit.fusion.world import calibration

EMPTY, FULL = vector([0, 0, 0, 0]), vector([1, 0, 0, 0])
INDEX = Position.RIGHT_INDEX


class DemandingVectorComparator(VectorComparator):
    """A comparator that refuses templates of zeros."""

    def check(self, template: Template) -> None:
        """See DemandingComparator."""
        if not any(template.data):
            raise TemplateMalformed("There is nothing in it.")


@pytest.fixture
async def recognizer() -> AsyncIterator[Recognizer[None, object]]:
    """A recogniser over a gallery that contains such a template."""
    store, comparator = MemoryStore(), DemandingVectorComparator()
    await store.enroll(enrolment("empty", reference([0, 0, 0, 0])))
    await store.enroll(enrolment("full", reference([1, 0, 0, 0])))
    index = ExactIndex(store, comparator)
    await index.start()
    parts = (calibration(Modality.FINGERPRINT), index, Workers(1, 4), Workers(1, 4), ImageLimits())
    yield Recognizer(BrokenExtractor(), comparator, *parts)
    await index.close()


async def test_an_empty_probe_is_refused(recognizer: Recognizer[None, object]) -> None:
    """By comparison with few or many references, by search, and by scoring."""
    probe = Sample(Modality.FINGERPRINT, INDEX, EMPTY)
    for call in (
        recognizer.scores(EMPTY, [FULL]),
        recognizer.scores(EMPTY, [FULL] * 100),
        recognizer.hits(probe, "default", 10, START),
        recognizer.subject_hits(probe, ["full"], START),
    ):
        with pytest.raises(TemplateMalformed, match="nothing in it"):
            await call


async def test_a_stored_empty_template_does_no_harm(recognizer: Recognizer[None, object]) -> None:
    """It scores 0; the others score as without it."""
    assert [0.0, 1.0] == await recognizer.scores(FULL, [EMPTY, FULL])
    found = await recognizer.hits(Sample(Modality.FINGERPRINT, INDEX, FULL), "default", 10, START)
    assert ([("full", 1.0), ("empty", 0.0)], 2) == (
        [(each.hit.subject_id, each.hit.score) for each in found.hits],
        found.subject_count,
    )
