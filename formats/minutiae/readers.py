"""Bytes → `Contents`, of every minutiae format."""

from __future__ import annotations

from dataclasses import replace

from biometrics.template import Position
from formats.contents import Contents, RecordFormat
from formats.minutiae.cards.card import contents_of_card, read_card
from formats.minutiae.cards.wrapped import is_wrapped, read_wrapped
from formats.minutiae.reading.contents import contents
from formats.minutiae.reading.read import read_record


def read_minutiae(data: bytes) -> Contents:
    """Read a finger minutiae record, whichever version it is of.

    Raises:
        RecordMalformed: truncated, or it contradicts itself.
        RecordUnsupported: another version, a position that is no single finger, or a resolution out of range.
    """
    return contents(read_record(data))


def read_minutiae_card(data: bytes, card_format: RecordFormat, position: Position = Position.UNKNOWN) -> Contents:
    """Read the minutiae of a card: bare, in a data object, or in biometric information templates.

    Args:
        data: all of its bytes.
        card_format: COMPACT_CARD or NORMAL_CARD.
        position: the finger, which the bytes do not state.

    Raises:
        FieldInvalid: no card format.
        RecordMalformed: truncated, or no whole number of minutiae.
    """
    cards = read_wrapped(data, card_format) if is_wrapped(data) else (read_card(data, card_format),)
    found = [contents_of_card(card, position) for card in cards]
    if len(found) == 1:
        return found[0]
    numbered = (
        replace(sample, where=f"card, finger {number}")
        for number, each in enumerate(found, 1)
        for sample in each.samples
    )
    return Contents(card_format, tuple(numbered))
