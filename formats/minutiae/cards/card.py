"""Minutiae as smart cards hold them, without header (ISO/IEC 19794-2, clause 8).

| format | bytes | position | angle |
|---|---|---|---|
| compact | 3 | 0.1 mm, up to 25.5 mm | 1/64 turn |
| normal | 5 | 0.01 mm, up to 163.83 mm | 1/256 turn |
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from biometrics.errors import FieldInvalid, RecordMalformed
from biometrics.template import Position
from formats.contents import Contents, MinutiaeContent, RecordFormat
from formats.cursor import Cursor
from formats.minutiae.cards.tlv import objects
from formats.minutiae.points import MOST, read_points
from formats.minutiae.reading.contents import confidence
from formats.minutiae.record import Points
from formats.minutiae.units import TURN, angle_steps

DATA_OBJECTS = (0x5F2E, 0x7F2E)
"""Tags of biometric data: primitive, and with further data objects inside."""
_STANDARD_DATA, _STANDARD_GROUP, _MINUTIAE = 0x81, 0xA1, 0x90
_INSIDE = (_STANDARD_DATA, _STANDARD_GROUP, _MINUTIAE)


@dataclass(frozen=True, slots=True)
class CardForm:
    """How a card format writes minutiae.

    Args:
        size: bytes of a minutia.
        dpi: steps of a position per inch.
        highest: highest position.
    """

    size: int
    dpi: float
    highest: int


FORMS = {
    RecordFormat.COMPACT_CARD: CardForm(3, 254.0, 0xFF),
    RecordFormat.NORMAL_CARD: CardForm(5, 2540.0, 0x3FFF),
}


@dataclass(frozen=True, slots=True)
class Card:
    """The minutiae of a card, in the units of its format."""

    format: RecordFormat
    points: Points


def form_of(card_format: RecordFormat) -> CardForm:
    """How a card format writes minutiae. Raises FieldInvalid if it is none."""
    if card_format not in FORMS:
        raise FieldInvalid("format", f"{card_format} is no card format. Use one of: {', '.join(FORMS)}.")
    return FORMS[card_format]


def read_card(data: bytes, card_format: RecordFormat) -> Card:
    """Read the minutiae of a card, bare or in a data object 5F2E or 7F2E.

    Nothing in the bytes tells the format; the biometric information template does, or who gave the card out.

    Raises:
        FieldInvalid: no card format.
        RecordMalformed: no whole number of minutiae, none, over 255, a reserved kind, or lengths beyond the data.
    """
    form = form_of(card_format)
    bare = _unwrapped(data)
    count, rest = divmod(len(bare), form.size)
    if rest or not 1 <= count <= MOST:
        raise RecordMalformed(f"card: {len(bare)} bytes are no 1 to {MOST} minutiae of {form.size} bytes.")
    return Card(card_format, read_points(Cursor(bare, "card"), count, form.size))


def _unwrapped(data: bytes) -> bytes:
    if int.from_bytes(data[:2], "big") not in DATA_OBJECTS:
        return data
    tag, value = next(objects(data, "card"))
    if tag != DATA_OBJECTS[1]:
        return value
    for _ in range(2):
        try:
            inside = dict(objects(value, "card"))
        except RecordMalformed:
            return value  # the minutiae themselves
        value = next((inside[name] for name in _INSIDE if name in inside), value)
    return value


def contents_of_card(card: Card, position: Position = Position.UNKNOWN) -> Contents:
    """The minutiae of a card; it does not say of which finger, so the caller may."""
    points, form = card.points, FORMS[card.format]
    content = MinutiaeContent(
        position=position,
        where="card",
        size_px=None,
        resolution_dpi=(form.dpi, form.dpi),
        x=points.x.astype(np.float64),
        y=points.y.astype(np.float64),
        angle=points.angle.astype(np.float64) * (TURN / angle_steps(card.format)),
        kind=points.kind,
        confidence=confidence(points),
    )
    return Contents(card.format, (content,))
