"""A recogniser of several models: which templates are paired, and how the hits of a subject are merged."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from biometrics.calibration.score_calibration import Calibration
from biometrics.errors import ComparatorUncalibrated, TemplateModelMismatch
from biometrics.sample import Sample
from biometrics.template import Modality, Position, Template
from gallery.index.exact import ExactIndex
from gallery.index.search.rank import IndexHit
from gallery.store.values import START
from infra.images.decode import ImageLimits
from infra.workers import Workers
from services.calibrated_models import compared_models
from services.compared import ComparedModels
from services.merging import merged
from services.recognizer import Recognizer
from tests.support.builders import MODEL_ID, enrolment, reference, vector
from tests.support.fakes.comparators import VectorComparator
from tests.support.fakes.memory_store import MemoryStore
from tests.unit.cli.local.test_local_matcher import BrokenExtractor
from tests.unit.fusion.world import calibration

OLD, FOREIGN = "vector-0", "foreign-1"
PAIRS = {
    (OLD, OLD): "dot-old",
    (FOREIGN, FOREIGN): "dot-foreign",
    (FOREIGN, MODEL_ID): "dot-foreign",
    (MODEL_ID, FOREIGN): "dot-foreign",
}
WORTH = {"dot-1": 1.0, "dot-old": 0.1, "dot-foreign": 0.5}
"""LLR of a score of 1."""
INDEX = Position.RIGHT_INDEX


def load(comparator_id: str, known: Mapping[str, float] = WORTH) -> Calibration:
    """A calibration made for this test, whose LLR is proportional to the score; none of others."""
    if comparator_id not in known:
        raise ComparatorUncalibrated("none", comparator_id=comparator_id)
    worth = known[comparator_id]
    return replace(calibration(Modality.FINGERPRINT), comparator_id=comparator_id, llrs=(-worth, worth))


def models(known: Mapping[str, float] = WORTH) -> ComparedModels:
    """An own model, an earlier one, and templates of others that are comparable with the own ones."""
    others = [VectorComparator(model_id=OLD), VectorComparator(model_id=FOREIGN)]
    return compared_models(
        VectorComparator(),
        BrokenExtractor(),
        [(each, None) for each in others],
        PAIRS,
        lambda comparator_id: load(comparator_id, known),
    )


def of(model_id: str, *values: float, others: tuple[Template, ...] = ()) -> Template:
    """A template of a model."""
    return replace(vector([*values, *[0.0] * (4 - len(values))], model_id=model_id), others=others)


@pytest.fixture
async def recognizer() -> AsyncIterator[Recognizer[None, Any]]:
    """A recogniser over a gallery of subjects with references of one, two or all models."""
    store, compared = MemoryStore(), models()
    people = {
        "own": [(MODEL_ID, 2.0)],
        "old": [(OLD, 40.0)],
        "foreign": [(FOREIGN, 5.0)],
        "all": [(MODEL_ID, 1.0), (MODEL_ID, 0.5), (OLD, 50.0), (FOREIGN, 1.0)],
    }
    for name, references in people.items():
        made = [reference([score, 0, 0, 0], INDEX, model_id=model_id) for model_id, score in references]
        await store.enroll(enrolment(name, *made))
    index = ExactIndex(store, VectorComparator(), others=[each.comparator for each in compared.others])
    await index.start()
    workers = Workers(1, 4)
    parts = (BrokenExtractor(), VectorComparator(), compared.own.calibration, index, workers, workers, ImageLimits())
    yield Recognizer(*parts, models=compared)
    await index.close()


async def test_each_subject_has_its_best_comparison_by_llr_charged_for_all(recognizer: Recognizer[None, Any]) -> None:
    """The probe has templates of two models; a foreign reference is compared with the own one."""
    probe = Sample(Modality.FINGERPRINT, INDEX, of(MODEL_ID, 1.0, others=(of(OLD, 1.0),)))
    found = await recognizer.search(probe, "default", 10, START)
    assert [
        ("all", 50.0, "dot-old", OLD, 4),
        ("old", 40.0, "dot-old", OLD, 1),
        ("foreign", 5.0, "dot-foreign", FOREIGN, 1),
        ("own", 2.0, "dot-1", MODEL_ID, 1),
    ] == [
        (
            each.subject_id,
            each.comparison.score,
            each.comparison.comparator_id,
            each.reference_model_id,
            each.comparison_count,
        )
        for each in found.candidates
    ]
    assert pytest.approx(5.0 - 0.60206) == found.candidates[0].comparison.llr
    assert found.candidates == await recognizer.score_subjects(probe, ["own", "old", "foreign", "all"], START)


async def test_a_template_is_searched_among_references_it_is_comparable_with(recognizer: Recognizer[None, Any]) -> None:
    """An own template does not find old references, a foreign one finds own ones, and the counts are of these."""
    counts = {}
    for model_id in (MODEL_ID, OLD, FOREIGN):
        probe = Sample(Modality.FINGERPRINT, INDEX, of(model_id, 1.0))
        found = await recognizer.search(probe, "default", 10, START)
        counts[model_id] = {each.subject_id: each.comparison_count for each in found.candidates}
        assert len(found.candidates) == found.subject_count
        assert {"dot-foreign"} >= {each.comparison.comparator_id for each in found.candidates} or model_id != FOREIGN
    assert {
        MODEL_ID: {"own": 1, "foreign": 1, "all": 3},
        OLD: {"old": 1, "all": 1},
        FOREIGN: {"own": 1, "foreign": 1, "all": 3},
    } == counts


async def test_references_of_several_models_are_compared_in_order(recognizer: Recognizer[None, Any]) -> None:
    """Each has the comparator and LLR of its pair, whether few or many are compared."""
    references = [of(FOREIGN, 2.0), of(MODEL_ID, 3.0), of(OLD, 4.0), of(MODEL_ID, 5.0)]
    probe = of(MODEL_ID, 1.0, others=(of(OLD, 10.0),))
    assert [2.0, 3.0, 40.0, 5.0] == await recognizer.scores(probe, references)
    found = await recognizer.compare(probe, references)
    assert [("dot-foreign", 1.0), ("dot-1", 3.0), ("dot-old", 4.0), ("dot-1", 5.0)] == [
        (each.comparator_id, pytest.approx(each.llr)) for each in found
    ]


async def test_what_is_not_comparable_is_named(recognizer: Recognizer[None, Any]) -> None:
    """By comparison and by search: an unknown model, and a pair of models that are not comparable."""
    own, old, unknown = of(MODEL_ID, 1.0), of(OLD, 1.0), of("vector-9", 1.0)
    for probe, references, field in (
        (own, [own, unknown], "references[1]"),
        (own, [own, own, old], "references[2]"),
        (old, [own], "references[0]"),
        (unknown, [own], "probe"),
        (unknown, [unknown], "probe"),
    ):
        with pytest.raises(TemplateModelMismatch) as caught:
            await recognizer.scores(probe, references)
        assert field == caught.value.metadata["field"]
    with pytest.raises(TemplateModelMismatch):
        await recognizer.search(Sample(Modality.FINGERPRINT, INDEX, unknown), "default", 1, START)


def test_without_a_calibration_a_model_is_refused_by_name() -> None:
    """The service starts; templates of others are refused, and the own ones are compared as ever."""
    compared = models({"dot-1": 1.0, "dot-old": 1.0})
    assert [MODEL_ID, OLD] == [each.model_id for each in compared]
    with pytest.raises(ComparatorUncalibrated, match="foreign-1 cannot be compared") as caught:
        compared.paired(of(FOREIGN, 1.0))
    assert "dot-foreign" == caught.value.metadata["comparator_id"]
    with pytest.raises(ComparatorUncalibrated) as caught:
        compared.grouped(of(MODEL_ID, 1.0), [of(MODEL_ID, 1.0), of(FOREIGN, 1.0)])
    assert "references[1]" == caught.value.metadata["field"]
    assert [MODEL_ID] == [each.model.model_id for each in compared.paired(of(MODEL_ID, 1.0))]


@pytest.mark.parametrize("seed", range(30))
def test_the_best_subjects_of_all_lists_are_kept(seed: int) -> None:
    """Lists cut at a limit give the same best subjects as whole lists do."""
    rng = random.Random(seed)
    pairs = models().paired(of(MODEL_ID, 1.0, others=(of(OLD, 1.0),)))
    whole = []
    for each in pairs:
        worth = WORTH[each.calibration.comparator_id]
        ids = rng.sample([f"s{n}" for n in range(40)], 25)
        hits = [IndexHit(subject_id, rng.randrange(-9, 10) / worth, INDEX, 2) for subject_id in ids]
        whole.append(sorted(hits, key=lambda hit: (-hit.score, hit.subject_id)))
    everything = merged(pairs, whole, 1000)
    assert len({hit.subject_id for hits in whole for hit in hits}) == len(everything)
    for limit in (1, 3, 10, 24):
        assert everything[:limit] == merged(pairs, [hits[:limit] for hits in whole], limit)
