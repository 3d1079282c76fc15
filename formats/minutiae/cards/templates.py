"""Biometric information templates: what a card says that it compares (ISO/IEC 7816-11, ISO/IEC 19785-3).

| tag | value |
|---|---|
| 7F61 | 02: number of templates; 7F60 for each |
| 7F60 | A1: biometric header; in it or beside it B1: parameters of the comparison |
| A1 | 81: type (8 fingerprint), 82: subtype, 87: owner of the format, 88: format |
| B1 | 81: least and most minutiae, 82: their order, 83: what is done with further features |
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from biometrics.errors import RecordMalformed
from formats.minutiae.cards.order import Order, order_of
from formats.minutiae.cards.tlv import objects

GROUP, TEMPLATE, HEADER, PARAMETERS = 0x7F61, 0x7F60, 0xA1, 0xB1
_COUNT, _KIND, _SUBTYPE, _OWNER, _FORMAT = 0x02, 0x81, 0x82, 0x87, 0x88
_LIMITS, _ORDER, _HANDLING = 0x81, 0x82, 0x83
_WHERE = "biometric information template"


@dataclass(frozen=True, slots=True)
class InformationTemplate:
    """One biometric information template; None where it does not say.

    Args:
        kind: biometric type; 8 is a fingerprint.
        subtype: which finger, as written.
        owner: of the format.
        format: number that the owner gave it.
        least: minutiae that the card needs.
        most: minutiae that the card takes.
        order: of the minutiae.
        handling: what the card does with further features, as written.
    """

    kind: int | None
    subtype: int | None
    owner: int | None
    format: int | None
    least: int | None
    most: int | None
    order: Order
    handling: int | None


def read_templates(data: bytes) -> tuple[InformationTemplate, ...]:
    """All templates of a group (7F61), or the single one (7F60) that the bytes hold.

    Raises:
        RecordMalformed: no such data objects, or truncated, or another number of templates than stated.
        RecordUnsupported: an order that is not known.
    """
    found = tuple(_template(value) for value in template_values(data))
    if not found:
        raise RecordMalformed("The bytes hold no biometric information template (7F60).")
    return found


def template_values(data: bytes) -> Iterator[bytes]:
    """The value of each template (7F60), in a group or not. Raises RecordMalformed as `read_templates`."""
    for tag, value in objects(data, _WHERE):
        if tag == TEMPLATE:
            yield value
        elif tag == GROUP:
            inside = list(objects(value, _WHERE))
            stated = next((int.from_bytes(each, "big") for name, each in inside if name == _COUNT), None)
            values = [each for name, each in inside if name == TEMPLATE]
            if stated is not None and stated != len(values):
                raise RecordMalformed(
                    f"{stated} biometric information templates are announced, and there are {len(values)}."
                )
            yield from values


def _template(value: bytes) -> InformationTemplate:
    beside = dict(objects(value, _WHERE))
    header = dict(objects(beside.get(HEADER, b""), _WHERE))
    parameters = dict(objects(header.get(PARAMETERS, beside.get(PARAMETERS, b"")), _WHERE))
    limits = parameters.get(_LIMITS, b"")
    if len(limits) not in (0, 2):
        raise RecordMalformed(f"{_WHERE}: the limits of minutiae take {len(limits)} bytes, and should take 2.")
    kind, subtype, owner, number = (_number(header, tag) for tag in (_KIND, _SUBTYPE, _OWNER, _FORMAT))
    least, most = limits or (None, None)
    order = order_of(_number(parameters, _ORDER) or 0)
    return InformationTemplate(kind, subtype, owner, number, least, most, order, _number(parameters, _HANDLING))


def _number(values: dict[int, bytes], tag: int) -> int | None:
    return int.from_bytes(values[tag], "big") if tag in values else None
