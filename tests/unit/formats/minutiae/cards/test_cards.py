"""Minutiae on cards: truncation, order, data objects and biometric information templates."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.errors import FieldInvalid, RecordMalformed, RecordUnsupported
from biometrics.template import Position
from formats.contents import MinutiaeContent, RecordFormat
from formats.minutiae.cards.card import contents_of_card, read_card
from formats.minutiae.cards.order import Order, SortBy
from formats.minutiae.cards.templates import read_templates
from formats.minutiae.cards.tlv import data_object
from formats.minutiae.cards.write import CardOptions, write_card
from tests.unit.formats.minutiae.views import random_view

COMPACT, NORMAL = RecordFormat.COMPACT_CARD, RecordFormat.NORMAL_CARD
CARDS = (COMPACT, NORMAL)


def on_card(content: MinutiaeContent, card_format: RecordFormat, **options: object) -> MinutiaeContent:
    """Written to a card and read again."""
    data = write_card(content, card_format, CardOptions(**options))  # type: ignore[arg-type]  # as each test says
    (sample,) = contents_of_card(read_card(data, card_format)).samples
    assert isinstance(sample, MinutiaeContent)
    return sample


@pytest.mark.parametrize(("card_format", "unit_mm", "steps"), [(COMPACT, 0.1, 64), (NORMAL, 0.01, 256)])
@given(count=st.integers(1, 60), seed=st.integers(0, 2**32))
def test_what_is_written_is_read_again(card_format, unit_mm, steps, count, seed):
    """Relative to each other, positions are within a unit and angles within half of one; confidences are lost."""
    original = random_view(count, seed=seed)
    copy = on_card(original, card_format)
    for before, after in ((original.x, copy.x), (original.y, copy.y)):
        millimetres = (before - before.min()) / 500 * 25.4
        assert np.abs(millimetres - after * unit_mm).max() <= unit_mm / 2 + 1e-9
    assert np.abs(np.angle(np.exp(1j * (original.angle - copy.angle)))).max() <= np.pi / steps + 1e-9
    assert original.kind.tolist() == copy.kind.tolist()
    assert np.isnan(copy.confidence).all()
    assert (None, None) == (copy.size_px, copy.quality)


def test_a_minutia_takes_three_bytes():
    """Both positions in 0.1 mm, then the kind in two bits and the angle in six, of which 64 is 0 again."""
    two = replace(
        random_view(2),
        x=np.asarray([100.0, 149.0]),
        y=np.asarray([50.0, 60.0]),
        angle=np.asarray([np.pi / 2, 2 * np.pi - 0.01]),
        kind=np.asarray([2, 1], np.uint8),
    )
    assert bytes((0, 0, 0x80 | 16, 25, 5, 0x40)) == write_card(two, COMPACT)


def test_only_what_is_beyond_the_reach_is_dropped():
    """A print of 30 mm: from where the most minutiae are within 25.5 mm, and nothing of a print of 25.5 mm."""
    x = np.asarray([0.0, 5.0, 10.0, 20.0, 25.5])
    placed = replace(random_view(5), x=x / 25.4 * 500, y=np.zeros(5))
    assert [0, 50, 100, 200, 255] == on_card(placed, COMPACT).x.tolist()
    wide = replace(placed, x=np.asarray([0.0, 10.0, 20.0, 28.0, 30.0]) / 25.4 * 500)
    assert [0, 100, 180, 200] == on_card(wide, COMPACT).x.tolist()
    assert 5 == len(on_card(wide, NORMAL))


def test_the_most_confident_are_kept():
    """At most 60 unless more are allowed."""
    many = replace(random_view(100), confidence=np.linspace(1.0, 0.1, 100))
    copy = on_card(many, NORMAL)
    assert 60 == len(copy)
    assert many.kind[:60].tolist() == copy.kind.tolist()
    assert 100 == len(on_card(many, NORMAL, most=100))


def test_without_confidence_those_nearest_to_the_middle_are_kept():
    """The middle is the mean position."""
    line = replace(random_view(5, known=False), x=np.asarray([0.0, 100.0, 200.0, 300.0, 400.0]), y=np.zeros(5))
    assert [508, 1016, 1524] == on_card(line, NORMAL, most=3).x.tolist()


def test_too_few_for_the_card_are_refused():
    """With both numbers."""
    with pytest.raises(FieldInvalid, match="the card needs 16, and 10 can be written"):
        write_card(random_view(10), COMPACT, CardOptions(least=16))
    with pytest.raises(FieldInvalid, match="the card needs 1, and 0 can be written"):
        write_card(random_view(0), COMPACT)
    with pytest.raises(FieldInvalid, match="not within 1 to 255"):
        CardOptions(most=0)


@pytest.mark.parametrize("card_format", CARDS)
@pytest.mark.parametrize("falling", [False, True])
@pytest.mark.parametrize("by", [SortBy.X_Y, SortBy.Y_X, SortBy.ANGLE, SortBy.POLAR])
def test_minutiae_are_sorted_as_asked_for(card_format, by, falling):
    """By what is written, so that a card which checks the order finds it."""
    copy = on_card(random_view(50), card_format, order=Order(by, falling))
    keys = {
        SortBy.X_Y: list(zip(copy.x, copy.y, strict=True)),
        SortBy.Y_X: list(zip(copy.y, copy.x, strict=True)),
        SortBy.ANGLE: copy.angle.tolist(),
        SortBy.POLAR: np.hypot(copy.x - copy.x.mean(), copy.y - copy.y.mean()).round(6).tolist(),
    }[by]
    assert sorted(keys, reverse=falling) == keys


@pytest.mark.parametrize("card_format", CARDS)
def test_data_objects_around_the_minutiae_are_read(card_format):
    """5F2E, 7F2E, and standardised data objects inside."""
    bare = write_card(random_view(50), card_format)
    assert write_card(random_view(50), card_format, CardOptions(is_wrapped=True)) == data_object(0x5F2E, bare)
    for data in (
        bare,
        data_object(0x5F2E, bare),
        data_object(0x7F2E, data_object(0x81, bare)),
        data_object(0x7F2E, data_object(0xA1, data_object(0x90, bare))),
    ):
        assert write_card_points(bare, card_format) == write_card_points(data, card_format)


def write_card_points(data: bytes, card_format: RecordFormat) -> list[int]:
    """The x of each minutia."""
    return read_card(data, card_format).points.x.tolist()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "0 bytes are no 1 to 255 minutiae of 3 bytes"),
        (bytes(4), "4 bytes are no 1 to 255 minutiae"),
        (bytes(3 * 256), "768 bytes are no 1 to 255"),
        (bytes((0, 0, 0xC0)), "card, minutia 1: the kind is 3"),
        (bytes((0x5F, 0x2E, 9, 1)), "the value of 5F2E needs 9 bytes, and 1 are left"),
        (bytes((0x5F, 0x2E, 0x84)), "a length needs 4 bytes, and 0 are left"),
        (bytes((0x5F, 0x2E, 0x83, 0xFF, 0xFF, 0xFF)), "needs 16777215 bytes"),
    ],
)
def test_cards_that_lie_are_refused(data, message):
    """With what is wrong."""
    with pytest.raises(RecordMalformed, match=message):
        read_card(data, COMPACT)


@given(st.binary(max_size=40), st.sampled_from(CARDS))
def test_any_bytes_are_read_or_refused(data, card_format):
    """No other exception, of cards and of biometric information templates."""
    for prefix in (b"", b"\x5f\x2e", b"\x7f\x2e", b"\x7f\x61", b"\x7f\x60"):
        for read in (lambda each: read_card(each, card_format), read_templates):
            with suppress(RecordMalformed, RecordUnsupported):
                read(prefix + data)


def test_a_format_that_is_no_card_is_refused():
    """Nothing in the bytes tells the format."""
    with pytest.raises(FieldInvalid, match="no card format"):
        read_card(bytes(3), RecordFormat.ISO_19794_2_2005)


def test_the_position_is_the_callers():
    """A card does not say of which finger it is."""
    card = read_card(write_card(random_view(20), COMPACT), COMPACT)
    found = [contents_of_card(card, each).samples[0].position for each in (Position.UNKNOWN, Position.LEFT_RING)]
    assert [Position.UNKNOWN, Position.LEFT_RING] == found
