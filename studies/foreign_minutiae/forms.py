"""What becomes of our templates on the way through a record or a card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from biometrics.template import Position
from formats.contents import MinutiaeContent, RecordFormat
from formats.minutiae.cards.card import contents_of_card, read_card
from formats.minutiae.cards.write import CardOptions, write_card
from formats.minutiae.reading.contents import contents
from formats.minutiae.reading.read import read_record
from formats.minutiae.writing.write import WriteOptions, write_record
from services.fingerprint.template.features import pack, unpack
from services.fingerprint.template.foreign import from_content, to_content

Form = Callable[[bytes], bytes]


def as_content(template: bytes) -> MinutiaeContent:
    """The minutiae of one of our templates."""
    return to_content(unpack(template), Position.UNKNOWN, None)


def without_confidence(content: MinutiaeContent) -> MinutiaeContent:
    """The same with unknown confidences."""
    return replace(content, confidence=np.full(len(content), np.nan))


def through_record(record_format: RecordFormat, *, with_qualities: bool = True) -> Form:
    """Written to a record and read again."""
    options = WriteOptions(with_qualities=with_qualities)

    def through(template: bytes) -> bytes:
        record = write_record([as_content(template)], record_format, options)
        return _packed(contents(read_record(record)).samples[0])

    return through


def through_card(card_format: RecordFormat, most: int, *, by_confidence: bool = True) -> Form:
    """Written to a card of at most so many minutiae, the most confident or those nearest to the middle, and read."""

    def through(template: bytes) -> bytes:
        content = as_content(template) if by_confidence else without_confidence(as_content(template))
        card = write_card(content, card_format, CardOptions(most=most))
        return _packed(contents_of_card(read_card(card, card_format)).samples[0])

    return through


def _packed(sample: object) -> bytes:
    assert isinstance(sample, MinutiaeContent)  # a record of minutiae holds nothing else
    return pack(from_content(sample))


FORMS: dict[str, Form] = {
    "ISO/IEC 19794-2:2005": through_record(RecordFormat.ISO_19794_2_2005),
    "ISO/IEC 19794-2:2005, no qualities": through_record(RecordFormat.ISO_19794_2_2005, with_qualities=False),
    "ISO/IEC 19794-2:2011": through_record(RecordFormat.ISO_19794_2_2011),
    "ANSI 378-2004": through_record(RecordFormat.ANSI_378_2004),
    "ANSI 378-2009": through_record(RecordFormat.ANSI_378_2009),
    "normal card, 60": through_card(RecordFormat.NORMAL_CARD, 60),
    "compact card, 60": through_card(RecordFormat.COMPACT_CARD, 60),
    "compact card, 40": through_card(RecordFormat.COMPACT_CARD, 40),
    "compact card, 30": through_card(RecordFormat.COMPACT_CARD, 30),
    "compact card, 40 nearest to the middle": through_card(RecordFormat.COMPACT_CARD, 40, by_confidence=False),
    "compact card, 30 nearest to the middle": through_card(RecordFormat.COMPACT_CARD, 30, by_confidence=False),
}
