"""Data objects of a tag, a length and a value, as smart cards nest them (ISO/IEC 7816-4, BER-TLV)."""

from __future__ import annotations

from collections.abc import Iterator

from formats.minutiae.cursor import Cursor

_MORE = 0x1F
_LONG = 0x80
MOST_LENGTH_BYTES = 3


def objects(data: bytes, where: str) -> Iterator[tuple[int, bytes]]:
    """Tag and value of each data object, in order.

    Raises:
        RecordMalformed: a tag, length or value lies beyond the data.
    """
    cursor = Cursor(data, 0, len(data), where)
    while cursor.left:
        tag = cursor.number(1, "a tag")
        if tag & _MORE == _MORE:
            tag = tag << 8 | cursor.number(1, "a tag")
        length = cursor.number(1, "a length")
        if length & _LONG:
            length = cursor.number(min(length & ~_LONG, MOST_LENGTH_BYTES), "a length")
        yield tag, cursor.take(length, f"the value of {tag:X}")


def data_object(tag: int, value: bytes) -> bytes:
    """A data object; values of up to 65,535 bytes."""
    name = tag.to_bytes(1 if tag < 1 << 8 else 2, "big")
    if len(value) < _LONG:
        return name + bytes((len(value),)) + value
    size = 1 if len(value) < 1 << 8 else 2
    return name + bytes((_LONG | size,)) + len(value).to_bytes(size, "big") + value
