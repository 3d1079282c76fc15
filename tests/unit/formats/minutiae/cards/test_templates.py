"""Data objects and biometric information templates: what a card takes, and cards that are in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.errors import RecordMalformed, RecordUnsupported
from biometrics.template import Position
from formats.contents import RecordFormat
from formats.minutiae.cards.order import Order, SortBy, order_of
from formats.minutiae.cards.templates import read_templates
from formats.minutiae.cards.tlv import data_object, objects
from formats.minutiae.cards.wrapped import card_format_of
from formats.minutiae.cards.write import CardOptions, write_card
from formats.minutiae.readers import read_minutiae_card
from tests.unit.formats.minutiae.views import random_view

COMPACT, NORMAL = RecordFormat.COMPACT_CARD, RecordFormat.NORMAL_CARD


def test_codes_of_orders():
    """Two bits for the direction and three for the key."""
    assert Order() == order_of(0)
    assert Order(SortBy.X_Y) == order_of(0x05)
    assert Order(SortBy.POLAR, falling=True) == order_of(0x12)
    for code in (0x01, 0x04, 0x07, 0x15, 0x21, 0xFF):
        with pytest.raises(RecordUnsupported, match="order 0x"):
            order_of(code)


@given(st.lists(st.tuples(st.sampled_from([0x02, 0x81, 0x7F60]), st.binary(max_size=300)), max_size=4))
def test_data_objects_are_read_as_written(pairs):
    """Short and long lengths, tags of one and two bytes."""
    assert pairs == list(objects(b"".join(data_object(*pair) for pair in pairs), "test"))


@pytest.mark.data
def test_the_published_information_templates_are_read(vector):
    """Two fingers, 12 to 64 minutiae, rising by their distance from the centre of mass."""
    first, second = read_templates(vector("TLVBIT.dat"))
    assert (8, 2, 0xDEAD, 0xBEEF) == (first.kind, first.subtype, first.owner, first.format)
    assert (8, 7, 0xBEEF, 0xDEAD) == (second.kind, second.subtype, second.owner, second.format)
    assert (12, 64, Order(SortBy.POLAR), 0) == (first.least, first.most, first.order, first.handling)
    assert CardOptions(12, 64, Order(SortBy.POLAR)) == CardOptions.of(second)


@pytest.mark.data
def test_published_information_templates_that_are_cut_short_are_refused(vector):
    """At every byte."""
    data = vector("TLVBIT.dat")
    for length in range(len(data)):
        with pytest.raises(RecordMalformed):
            read_templates(data[:length])


def template(card_format: int, data: bytes = b"", owner: int = 0x0101) -> bytes:
    """A biometric information template with minutiae."""
    header = data_object(0x81, b"\x08") + data_object(0x87, owner.to_bytes(2, "big"))
    header += data_object(0x88, card_format.to_bytes(2, "big"))
    return data_object(0x7F60, data_object(0xA1, header) + (data and data_object(0x5F2E, data)))


def test_templates_that_hold_minutiae_are_read():
    """They state the format; each of several fingers is a sample of its own."""
    cards = [write_card(random_view(20, seed=seed), NORMAL) for seed in (1, 2)]
    group = data_object(0x7F61, data_object(0x02, b"\x02") + b"".join(template(3, card) for card in cards))
    found = read_minutiae_card(group, NORMAL, Position.RIGHT_INDEX)
    assert NORMAL is card_format_of(group)
    assert ["card, finger 1", "card, finger 2"] == [each.where for each in found.samples]
    assert [read_minutiae_card(card, NORMAL).samples[0].x.tolist() for card in cards] == [
        each.x.tolist() for each in found.samples
    ]


def test_templates_without_minutiae_are_no_cards():
    """What a card takes is not what it holds; other owners' formats are not known."""
    assert [COMPACT, None, None, None] == [
        card_format_of(data) for data in (template(5), template(7), template(5, owner=0x42), bytes(30))
    ]
    with pytest.raises(RecordMalformed, match="hold no minutiae"):
        read_minutiae_card(template(5), COMPACT)


def test_a_wrong_number_of_templates_is_refused():
    """The group states one more than it has."""
    group = data_object(0x7F61, data_object(0x02, b"\x02") + data_object(0x7F60, b""))
    with pytest.raises(RecordMalformed, match="2 biometric information templates are announced, and there are 1"):
        read_templates(group)
    with pytest.raises(RecordMalformed, match="no biometric information template"):
        read_templates(data_object(0x81, b"x"))
