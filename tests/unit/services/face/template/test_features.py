"""Face templates: their byte layout, and refused ones."""

from __future__ import annotations

import numpy as np
import pytest

from biometrics.errors import TemplateMalformed, TemplateModelMismatch
from biometrics.template import Modality, Template
from services.face.comparator import FaceComparator
from services.face.template.faces import Face, Pose
from services.face.template.features import MODEL_ID, pack, unpack

UNIT = np.full(128, 1 / np.sqrt(128), np.float32)


def template(vector: np.ndarray) -> Template:
    """A template of arbitrary numbers."""
    return Template(Modality.FACE, MODEL_ID, vector.astype("<f4").tobytes())


def test_pack_and_unpack() -> None:
    """A unit vector is packed to 512 bytes and unpacked unchanged."""
    packed = pack(UNIT)
    assert 512 == len(packed.data)
    assert np.array_equal(UNIT[None], unpack([packed]))


def test_no_templates_make_an_empty_stack() -> None:
    """An empty list of templates is not an error."""
    assert (0, 128) == unpack([]).shape


@pytest.mark.parametrize(
    "bad",
    [
        UNIT[:127],
        np.append(UNIT, 0),
        np.where(np.arange(128) == 7, np.nan, UNIT),
        np.where(np.arange(128) == 7, np.inf, UNIT),
        UNIT * 1.01,
        UNIT * 0,
        UNIT * 3e38,
    ],
)
def test_malformed_is_refused(bad: np.ndarray) -> None:
    """Wrong length, NaN, infinity and norms other than 1 are refused, also among valid templates."""
    with pytest.raises(TemplateMalformed):
        unpack([template(UNIT), template(bad)])


def test_other_model_is_refused() -> None:
    """A template of another model raises TemplateModelMismatch."""
    with pytest.raises(TemplateModelMismatch):
        unpack([Template(Modality.FACE, "face-other-1", UNIT.tobytes())])


def test_other_modality_is_refused() -> None:
    """A template of another modality is refused."""
    with pytest.raises(TemplateMalformed):
        unpack([Template(Modality.IRIS, MODEL_ID, UNIT.tobytes())])


def test_cosine_of_every_pair() -> None:
    """Equal vectors score 1, opposite ones −1, orthogonal ones 0."""
    other = UNIT * np.where(np.arange(128) % 2, 1, -1).astype(np.float32)
    comparator = FaceComparator()
    probes, references = comparator.stack([pack(UNIT)]), comparator.stack([pack(UNIT), pack(-UNIT), pack(other)])
    scores = comparator.compare(probes, references)
    assert np.float32 == scores.dtype
    assert np.allclose([[1, -1, 0]], scores, atol=1e-6)


def test_inter_eye_distance() -> None:
    """The distance between the first two landmarks."""
    face = Face((0, 0, 9, 9), ((1, 2), (4, 6), (0, 0), (0, 0), (0, 0)), 0.9, Pose(0, 0, 0))
    assert 5.0 == face.inter_eye_px
