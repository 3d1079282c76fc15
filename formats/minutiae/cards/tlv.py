"""Data objects of a tag, a length and a value, as smart cards nest them (ISO/IEC 7816-4, BER-TLV)."""

from __future__ import annotations

from collections.abc import Iterator

from formats.tagged.tlv import elements

_LONG = 0x80
MOST_OBJECTS = 256
"""Side by side; a group of templates says in one byte how many it has."""


def objects(data: bytes, where: str) -> Iterator[tuple[int, bytes]]:
    """Tag and value of each data object, in order.

    Raises:
        RecordMalformed: a tag, length or value lies beyond the data, or there are too many; see `elements`.
    """
    for each in elements(data, where, MOST_OBJECTS):
        yield each.tag, bytes(each.value)


def data_object(tag: int, value: bytes) -> bytes:
    """A data object; values of up to 65,535 bytes."""
    name = tag.to_bytes(1 if tag < 1 << 8 else 2, "big")
    if len(value) < _LONG:
        return name + bytes((len(value),)) + value
    size = 1 if len(value) < 1 << 8 else 2
    return name + bytes((_LONG | size,)) + len(value).to_bytes(size, "big") + value
