from __future__ import annotations

from math import log10

import pytest

from biometrics.comparison import Comparison
from biometrics.errors import FieldInvalid, PositionInvalid, TemplateMalformed, TemplateModelMismatch
from biometrics.quality import Quality, ramp
from biometrics.sample import EncodedImage, Sample
from biometrics.template import EYES, FINGERS, POSITIONS, Modality, Position, Template, check_position

FACE_TEMPLATE = Template(Modality.FACE, "model-1", b"secret")


@pytest.mark.parametrize("stated", [72.0, 249.9, 1000.1, float("nan"), float("inf"), -500.0])
def test_a_stated_resolution_out_of_range_is_an_error(stated: float) -> None:
    """A resolution outside 250–1000 dpi is refused, naming the field; it is never replaced by a default."""
    with pytest.raises(FieldInvalid, match=r"resolution_dpi.*250–1000"):
        EncodedImage(b"x", stated)


@pytest.mark.parametrize("stated", [None, 250.0, 500.0, 1000.0])
def test_a_stated_resolution_in_range_is_kept(stated: float | None) -> None:
    """250 and 1000 dpi belong to the range, and the resolution may be left out."""
    assert stated == EncodedImage(b"x", stated).resolution_dpi


def test_positions_of_modalities() -> None:
    """There are ten fingers, two eyes and one face, and only UNKNOWN is a position of several modalities."""
    assert (10, 2) == (len(FINGERS), len(EYES))
    listed = [position for positions in POSITIONS.values() for position in positions if position != Position.UNKNOWN]
    assert sorted(set(Position) - {Position.UNKNOWN}) == sorted(listed)


def test_unknown_face_is_the_face() -> None:
    """A face's position need not be stated."""
    assert Position.FACE == Sample(Modality.FACE, Position.UNKNOWN, EncodedImage(b"x")).position


@pytest.mark.parametrize(
    ("modality", "position"),
    [(Modality.FACE, Position.LEFT_EYE), (Modality.IRIS, Position.FACE), (Modality.FINGERPRINT, Position.RIGHT_EYE)],
)
def test_position_of_another_modality(modality: Modality, position: Position) -> None:
    """A position that the modality does not have is refused."""
    with pytest.raises(PositionInvalid, match=position):
        check_position(modality, position)


@pytest.mark.parametrize(
    ("one", "other", "comparable"),
    [
        (Position.LEFT_EYE, Position.LEFT_EYE, True),
        (Position.LEFT_EYE, Position.RIGHT_EYE, False),
        (Position.UNKNOWN, Position.RIGHT_EYE, True),
        (Position.RIGHT_EYE, Position.UNKNOWN, True),
    ],
)
def test_comparable_positions(one: Position, other: Position, *, comparable: bool) -> None:
    """Only equal positions may come from one source, and UNKNOWN may be any position."""
    assert comparable == one.comparable(other)


def test_biometric_data_is_not_in_a_repr() -> None:
    """Neither the data of a template nor that of an image shows in its repr."""
    assert "secret" not in repr(FACE_TEMPLATE)
    assert "secret" not in repr(EncodedImage(b"secret"))


def test_templates_check_what_they_are_used_for() -> None:
    """A template of another modality or model is refused, and one without data or model id cannot be made."""
    FACE_TEMPLATE.require(Modality.FACE, "model-1")
    with pytest.raises(TemplateMalformed):
        FACE_TEMPLATE.require(Modality.IRIS, "model-1")
    with pytest.raises(TemplateModelMismatch, match="model-2"):
        FACE_TEMPLATE.require(Modality.FACE, "model-2")
    for model_id, data in (("", b"x"), ("model-1", b"")):
        with pytest.raises(TemplateMalformed):
            Template(Modality.FACE, model_id, data)


def test_sample_and_template_agree() -> None:
    """A sample's template is of the sample's modality, and its quality is 0–100."""
    with pytest.raises(TemplateMalformed):
        Sample(Modality.IRIS, Position.UNKNOWN, FACE_TEMPLATE)
    with pytest.raises(FieldInvalid, match="template_quality"):
        Sample(Modality.FACE, Position.FACE, FACE_TEMPLATE, 101.0)


@pytest.mark.parametrize("value", [-0.1, 100.1, float("nan")])
def test_quality_range(value: float) -> None:
    """A quality outside 0–100 is a programming error."""
    with pytest.raises(ValueError, match="outside"):
        Quality(value)


def test_ramp_clips_in_both_directions() -> None:
    """A ramp is linear between its ends, clipped beyond them, and may fall."""
    assert [0.0, 0.5, 1.0] == [ramp(value, 2.0, 4.0) for value in (1.0, 3.0, 9.0)]
    assert [1.0, 0.5, 0.0] == [ramp(value, 4.0, 2.0) for value in (1.0, 3.0, 9.0)]


def test_best_of_many_is_charged_for_their_number() -> None:
    """The best of k comparisons has k times the FMR, at most 1, and log10 k less LLR."""
    best = Comparison(0.7, 3.0, 0.001, "c-1").best_of(5)
    assert pytest.approx((3.0 - log10(5), 0.005)) == (best.llr, best.fmr)
    assert 1.0 == Comparison(0.1, -1.0, 0.5, "c-1").best_of(5).fmr
