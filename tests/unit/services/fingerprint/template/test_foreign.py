"""Minutiae of records become templates, and templates become minutiae."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.errors import AcquisitionFailed, RecordUnsupported
from biometrics.template import Position
from formats.contents import MinutiaeContent, RecordFormat
from formats.minutiae.cards.card import contents_of_card, read_card
from formats.minutiae.cards.write import write_card
from formats.minutiae.reading.contents import contents
from formats.minutiae.reading.read import read_record
from formats.minutiae.units import angle_steps
from formats.minutiae.writing.write import write_record
from services.fingerprint.template.features import MODEL_ID, FingerFeatures, Minutiae, mask_shape, pack, unpack
from services.fingerprint.template.foreign import FOREIGN_MODEL_ID, from_content, to_content

FORMATS = tuple(each for each in RecordFormat if each.startswith(("ISO_19794_2", "ANSI_378")))


def features(count: int, seed: int, width: int = 300, height: int = 400) -> FingerFeatures:
    """A template with so many minutiae."""
    random = np.random.default_rng(seed)
    minutiae = Minutiae(
        random.integers(0, width, count).astype(np.float32),
        random.integers(0, height, count).astype(np.float32),
        random.uniform(0, 2 * np.pi, count).astype(np.float32),
        random.uniform(size=count) < 0.5,
        random.uniform(0.35, 1, count).astype(np.float32),
    )
    return FingerFeatures(width, height, np.ones(mask_shape(width, height), np.bool_), minutiae)


def content(x: list[float], y: list[float], size: tuple[int, int] | None, dpi: float = 500.0) -> MinutiaeContent:
    """Minutiae at given places, all of them ridge endings to the right, of unknown confidence."""
    count = len(x)
    places = np.asarray(x, np.float64), np.asarray(y, np.float64), np.zeros(count)
    unknown = np.full(count, np.nan)
    return MinutiaeContent(Position.UNKNOWN, "view 1", size, (dpi, dpi), *places, np.ones(count, np.uint8), unknown)


@pytest.mark.parametrize("record_format", FORMATS)
@given(
    count=st.integers(5, 100),
    seed=st.integers(0, 2**32),
    width=st.integers(1, 1200),
    height=st.integers(1, 1200),
)
def test_a_template_survives_a_record(record_format, count, seed, width, height):
    """Size, positions and kinds are equal, angles within a unit, confidences within 0.01."""
    original = unpack(pack(features(count, seed, width, height)))
    record = write_record([to_content(original, Position.LEFT_RING, 70.0)], record_format)
    (sample,) = contents(read_record(record)).samples
    assert isinstance(sample, MinutiaeContent)
    copy = from_content(sample)
    assert (width, height, Position.LEFT_RING, 70.0) == (
        copy.width_px,
        copy.height_px,
        sample.position,
        sample.quality,
    )
    assert np.abs(original.minutiae.x - copy.minutiae.x).max() <= 0.5
    assert np.abs(original.minutiae.y - copy.minutiae.y).max() <= 0.5
    difference = np.angle(np.exp(1j * (original.minutiae.angle - copy.minutiae.angle)))
    assert np.abs(difference).max() <= 2 * np.pi / angle_steps(record_format)
    assert original.minutiae.bifurcation.tolist() == copy.minutiae.bifurcation.tolist()
    np.testing.assert_allclose(original.minutiae.confidence, copy.minutiae.confidence, atol=0.01)
    assert count == len(unpack(pack(copy)).minutiae)


def test_a_foreign_template_has_a_model_id_of_its_own():
    """Its scores are never calibrated as those of our own templates."""
    assert MODEL_ID != FOREIGN_MODEL_ID


def test_a_template_survives_a_card():
    """Relative positions within 0.1 mm, which is 2 px; the image is the minutiae's bounding box and a margin."""
    original = features(40, 3)
    card = read_card(
        write_card(to_content(original, Position.UNKNOWN, None), RecordFormat.COMPACT_CARD), RecordFormat.COMPACT_CARD
    )
    (sample,) = contents_of_card(card).samples
    assert isinstance(sample, MinutiaeContent)
    copy = from_content(sample)
    for before, after in ((original.minutiae.x, copy.minutiae.x), (original.minutiae.y, copy.minutiae.y)):
        assert np.abs((before - before.min()) - (after - 16)).max() <= 2.0
    assert 40 == len(unpack(pack(copy)).minutiae)


def test_the_finger_area_is_the_convex_hull_and_a_margin():
    """A square of minutiae 160 px wide in an image of 320 px: the cells in it, and those within 16 px."""
    square = content([80, 240, 80, 240, 160], [80, 80, 240, 240, 160], (320, 320))
    mask = from_content(square).mask
    assert mask[5:15, 5:15].all()
    assert mask[4:16, 8].all()
    assert not mask[:3].any()
    assert not mask[:, 17:].any()


@pytest.mark.parametrize("places", [[100.0] * 5, [100.0, 110.0, 120.0, 130.0, 140.0]])
def test_minutiae_in_one_place_or_line_have_an_area(places):
    """Without a convex hull the area is what is near them."""
    mask = from_content(content(places, places, (300, 300))).mask
    assert mask[100 // 16, 100 // 16]
    assert not mask[0].any()
    assert not mask[-1].any()


def test_other_resolutions_are_scaled():
    """1,000 dpi are half of the pixels; resolutions that differ across and down turn directions."""
    fine = content([0, 100, 200, 300, 400], [0, 0, 50, 50, 100], (600, 400), 1000.0)
    found = from_content(fine)
    assert (300, 200) == (found.width_px, found.height_px)
    assert [0, 50, 100, 150, 200] == found.minutiae.x.tolist()
    slanted = replace(fine, resolution_dpi=(1000.0, 500.0), angle=np.full(5, np.arctan2(1, 2)))
    assert [np.pi / 4] * 5 == pytest.approx(from_content(slanted).minutiae.angle.tolist())


def test_a_large_image_is_cut_to_its_minutiae():
    """The bounding box and a margin of 16 px; positions are relative to it."""
    far = content([3000, 3010, 3020, 3100, 3200], [5000, 5001, 5002, 5003, 5100], (16000, 16000))
    found = from_content(far)
    assert (233, 133) == (found.width_px, found.height_px)
    assert [16, 26, 36, 116, 216] == found.minutiae.x.tolist()
    assert [16, 17, 18, 19, 116] == found.minutiae.y.tolist()


def test_minutiae_over_1200_px_can_be_no_finger():
    """1,200 px fit without a margin, and one more is refused."""
    found = from_content(content([0, 1, 2, 3, 1199], [0] * 5, None))
    assert (1200, 33) == (found.width_px, found.height_px)
    with pytest.raises(RecordUnsupported, match="view 1: the minutiae spread over 1201 px"):
        from_content(content([0, 1, 2, 3, 1200], [0] * 5, None))


def test_at_most_100_minutiae_are_kept():
    """The most confident; without confidences those nearest to their middle."""
    many = to_content(features(100, 1), Position.UNKNOWN, None)
    both = {name: np.tile(getattr(many, name), 2) for name in ("x", "y", "angle", "kind")}
    sure = replace(many, **both, confidence=np.append(np.full(100, 0.4), np.full(100, 0.9)))
    kept = from_content(sure).minutiae
    assert (100, True) == (len(kept), bool((kept.confidence > 0.8).all()))
    line = content(list(range(120)), [0] * 120, (300, 300))
    kept = from_content(line).minutiae
    assert list(range(10, 110)) == kept.x.tolist()


def test_confidences_that_are_not_stated():
    """Each is 0.5, also beside others that are stated."""
    none = content([0, 1, 2, 3, 4], [0] * 5, (300, 300))
    some = replace(none, confidence=np.asarray([0.25, np.nan, 1.0, np.nan, np.nan]))
    assert [0.5] * 5 == from_content(none).minutiae.confidence.tolist()
    assert [0.25, 0.5, 1.0, 0.5, 0.5] == from_content(some).minutiae.confidence.tolist()


def test_other_kinds_count_as_ridge_endings():
    """Only bifurcations are marked."""
    mixed = replace(content([0, 1, 2, 3, 4], [0] * 5, (300, 300)), kind=np.asarray([0, 1, 2, 0, 2], np.uint8))
    assert [False, False, True, False, True] == from_content(mixed).minutiae.bifurcation.tolist()


def test_fewer_than_five_minutiae_are_too_few():
    """As for an image."""
    with pytest.raises(AcquisitionFailed, match="view 1: the record holds 4 minutiae") as error:
        from_content(content([0, 1, 2, 3], [0] * 4, (300, 300)))
    assert "TOO_FEW_MINUTIAE" == error.value.reason


def test_rounding_stays_inside_the_image():
    """A minutia on the last column is not rounded beyond it."""
    edge = content([0, 1, 2, 3, 599], [0, 1, 2, 3, 399], (600, 400), 1000.0)
    found = from_content(edge)
    assert (299.0, 199.0) == (found.minutiae.x.max(), found.minutiae.y.max())
    unpack(pack(found))
