"""Faces described by two networks or by one, as the setting says, and how templates of both are compared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from biometrics.errors import TemplateModelMismatch
from biometrics.template import Position
from fusion.configured import fusion_model
from infra.calibrations import load_all
from infra.calibrations.pairs import PAIRS
from infra.images.decode import Image
from infra.models.manifest import manifest
from infra.models.supply import ensure
from infra.settings import Settings
from services.calibrated_models import compared_models
from services.compared import ComparedModels
from services.face import networks
from services.face.comparator import FaceComparator, PairComparator
from services.face.extractor import FaceExtractor, PairExtractor
from services.face.template.features import MODEL_ID, PAIR_MODEL_ID, unpack

BOTH, ALONE = Settings(), Settings(face_second_network=False)


@pytest.fixture(scope="session")
def pair_extractor() -> PairExtractor:
    """The real extractor of both networks, its models fetched into the cache if need be."""
    ensure([manifest().models[name] for name in networks.names(BOTH)])
    return PairExtractor.load()


def models(settings: Settings, extractor: FaceExtractor) -> ComparedModels:
    """What a service of these settings compares."""
    others = [(each, None) for each in networks.earlier(settings)]
    return compared_models(networks.comparator(settings), extractor, others)


def test_the_setting_chooses_networks_comparator_and_calibration() -> None:
    """By default there are two networks; turned off, SFace alone with its own ids, and no other model beside."""
    assert (PairComparator, FaceComparator) == (type(networks.comparator(BOTH)), type(networks.comparator(ALONE)))
    assert ([FaceComparator], []) == ([type(each) for each in networks.earlier(BOTH)], networks.earlier(ALONE))
    assert (True, False) == ("dlib-face" in networks.names(BOTH), "dlib-face" in networks.names(ALONE))
    for settings in (BOTH, ALONE):
        comparator, model = networks.comparator(settings), fusion_model(settings)
        assert comparator.comparator_id == model.comparators[comparator.modality]
        assert comparator.model_id == load_all()[comparator.comparator_id].model_id


def test_each_network_has_its_own_dependence() -> None:
    """Samples' dependence is that of the comparator that is set, since the scores of both have other scales."""
    face = PairComparator.modality
    assert fusion_model(BOTH).dependences[face] != fusion_model(ALONE).dependences[face]


def test_both_networks_describe_a_face(
    pair_extractor: PairExtractor, face_extractor: FaceExtractor, hopper: Image
) -> None:
    """A template holds SFace's vector and another, both of the same length; quality and details are SFace's."""
    both, alone = (each.extract(hopper, Position.FACE) for each in (pair_extractor, face_extractor))
    (vector,), (sface,) = unpack([both.template], PAIR_MODEL_ID, 256), unpack([alone.template])
    assert np.sqrt(2) * vector[:128] == pytest.approx(sface, abs=1e-6)
    assert 0.5 == pytest.approx(float(vector[128:] @ vector[128:]), abs=1e-4)
    assert (alone.quality, alone.details) == (both.quality, both.details)
    assert (PAIR_MODEL_ID, 1024) == (both.template.model_id, len(both.template.data))


def test_two_captures_are_one_person(pair_extractor: PairExtractor, hopper: Image, astronaut: Image) -> None:
    """Another capture of a person scores far above what different people do, and another person does not."""
    smaller = replace(hopper, pixels=np.ascontiguousarray(hopper.pixels[::2, ::2]))
    probe, same, other = (
        pair_extractor.extract(image, Position.FACE).template for image in (hopper, smaller, astronaut)
    )
    mated, non_mated = PairComparator().compare_templates(probe, [same, other])
    assert mated > 0.8
    assert non_mated < 0.6


def test_templates_of_sface_alone_are_compared_beside(
    pair_extractor: PairExtractor, face_extractor: FaceExtractor, hopper: Image, astronaut: Image
) -> None:
    """With two networks, a probe is compared with references of SFace alone, by SFace's part and calibration."""
    probe = pair_extractor.extract(hopper, Position.FACE).template
    references = [face_extractor.extract(image, Position.FACE).template for image in (hopper, astronaut)]
    ((paired, numbers),) = models(BOTH, pair_extractor).grouped(probe, references)
    assert ("face-cosine-1", [0, 1]) == (paired.calibration.comparator_id, numbers)
    scores = paired.model.comparator.compare_templates(paired.probe, references)
    assert FaceComparator().compare_templates(references[0], references) == pytest.approx(scores, abs=1e-5)


def test_a_probe_of_sface_alone_has_no_second_part(
    pair_extractor: PairExtractor, face_extractor: FaceExtractor, hopper: Image
) -> None:
    """SFace's template is compared with SFace's references only; those of both networks are of another model."""
    both = pair_extractor.extract(hopper, Position.FACE).template
    alone = face_extractor.extract(hopper, Position.FACE).template
    for settings in (BOTH, ALONE):
        with pytest.raises(TemplateModelMismatch):
            models(settings, face_extractor).grouped(alone, [both])
        ((paired, _),) = models(settings, face_extractor).grouped(alone, [alone])
        assert "face-cosine-1" == paired.calibration.comparator_id


def test_pairs_of_models_are_calibrated() -> None:
    """Every row of the table of faces names a shipped calibration of SFace's model."""
    assert {(MODEL_ID, MODEL_ID), (PAIR_MODEL_ID, MODEL_ID)} == set(PAIRS[PairComparator.modality])
    assert {MODEL_ID} == {load_all()[each].model_id for each in PAIRS[PairComparator.modality].values()}
