"""Cards whose biometric information template holds the minutiae as well: 7F60 with A1 and 5F2E or 7F2E beside it.

The header's owner and format tell how the minutiae are written: of owner 257 (ISO/IEC JTC 1/SC 37), 3 and 4 are normal
cards, 5 and 6 compact ones.
"""

from __future__ import annotations

from biometrics.errors import RecordMalformed
from formats.contents import RecordFormat
from formats.minutiae.cards.card import DATA_OBJECTS, Card, read_card
from formats.minutiae.cards.templates import GROUP, TEMPLATE, read_templates, template_values
from formats.minutiae.cards.tlv import data_object, objects

SC_37 = 0x0101
CARD_FORMATS = {
    3: RecordFormat.NORMAL_CARD,
    4: RecordFormat.NORMAL_CARD,
    5: RecordFormat.COMPACT_CARD,
    6: RecordFormat.COMPACT_CARD,
}


def is_wrapped(data: bytes) -> bool:
    """Whether bytes begin as biometric information templates do, which may hold a card's minutiae or something else."""
    return int.from_bytes(data[:2], "big") in (GROUP, TEMPLATE)


def card_format_of(data: bytes) -> RecordFormat | None:
    """The card format that the first biometric information template states; None if there is none, or of another kind.

    Raises:
        RecordMalformed: the data objects are truncated.
        RecordUnsupported: an order of minutiae that is not known.
    """
    if not is_wrapped(data):
        return None
    template = read_templates(data)[0]
    return CARD_FORMATS.get(template.format or 0) if template.owner == SC_37 else None


def read_wrapped(data: bytes, card_format: RecordFormat) -> tuple[Card, ...]:
    """The minutiae of each template that holds any, in order.

    Raises:
        RecordMalformed: none does, or as `read_card`.
    """
    cards = [
        read_card(data_object(tag, value), card_format)
        for template in template_values(data)
        for tag, value in objects(template, "card")
        if tag in DATA_OBJECTS
    ]
    if not cards:
        raise RecordMalformed("The biometric information templates hold no minutiae: they only say what a card takes.")
    return tuple(cards)
