"""CBEFF documents of the data share, taken apart, so that a record that cannot be read spoils no other."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from adapters.mosip_abis.failures import Failure, Refused
from biometrics.errors import InvalidInput
from biometrics.template import Modality, Position
from formats.cbeff.information import NAMESPACE, Information
from formats.cbeff.parse import parse

MOST_PARTS = 64


@dataclass(frozen=True, slots=True)
class Part:
    """One record of a document.

    Args:
        document: a CBEFF document with this record alone.
        modality: that it states; None if it states none that is known.
        position: that it states.
    """

    document: bytes = field(repr=False)
    modality: Modality | None
    position: Position

    @property
    def place(self) -> tuple[Modality, Position] | None:
        """Of which it is a sample; None if it does not say."""
        return None if self.modality is None else (self.modality, self.position)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a document holds.

    Args:
        parts: its records.
        missing: what could not be captured.
    """

    parts: tuple[Part, ...]
    missing: tuple[tuple[Modality, Position], ...]


def contents_of(data: bytes) -> Contents:
    """What a document holds. Raises Refused: it is no CBEFF document, or has no data."""
    if not data.strip():
        raise Refused(Failure.NO_DATA)
    try:
        found = [each for each in parse(data) if not each.is_exception_photo]
    except InvalidInput as error:
        raise Refused(Failure.NOT_CBEFF, error.reason) from None
    parts = tuple(_part(each) for each in found if each.block)
    if not parts:
        raise Refused(Failure.NO_DATA)
    if len(parts) > MOST_PARTS:
        raise Refused(Failure.NOT_CBEFF, "TOO_MANY_RECORDS")
    exceptions = [_place(each) for each in found if not each.block and each.exception.lower() == "true"]
    missing = (
        place for place in exceptions if place and (place[0] is Modality.FACE or place[1] is not Position.UNKNOWN)
    )
    return Contents(parts, tuple(dict.fromkeys(missing)))


def _part(record: Information) -> Part:
    place = _place(record)
    return Part(_document(record), *(place or (None, Position.UNKNOWN)))


def _place(record: Information) -> tuple[Modality, Position] | None:
    try:
        modality = record.modality()
        return None if modality is None else (modality, record.position(modality))
    except InvalidInput:
        return None


def _document(record: Information) -> bytes:
    form = f"<Format><Type>{escape(record.format_type)}</Type></Format>" if record.format_type else ""
    stated = {"Encryption": record.encrypted, "Type": record.types, "Subtype": record.subtypes}
    words = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in stated.items() if value)
    score = f"<Quality><Score>{escape(record.score)}</Score></Quality>" if record.score else ""
    header = f"<BDBInfo>{form}{words}{score}</BDBInfo>"
    return f'<BIR xmlns="{NAMESPACE}"><BIR>{header}<BDB>{escape(record.block)}</BDB></BIR></BIR>'.encode()
