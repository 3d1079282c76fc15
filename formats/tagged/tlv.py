"""Tags and lengths of ASN.1 (DER) and of ISO/IEC 7816: read in order, never into a part that is not asked for.

There is no recursion: a caller names each level that it enters, so depth is bounded by the caller's own path.
"""

from __future__ import annotations

from collections.abc import Iterator

from biometrics.errors import RecordMalformed
from formats.cursor import Cursor

_MORE_TAG = 0x1F
_LONG = 0x80
_MOST_LENGTH_BYTES = 4


def elements(data: bytes | memoryview, where: str) -> Iterator[tuple[int, memoryview]]:
    """Yield (tag, value) of each element, the tag with all its bytes as one number, e.g. 0x7F61.

    Args:
        data: elements one behind the other, without anything after them.
        where: for messages.

    Raises:
        RecordMalformed: a length that is more than there is, has more than 4 bytes, or is indefinite.
    """
    cursor = Cursor(data, where)
    while cursor.left:
        yield element(cursor)


def element(cursor: Cursor) -> tuple[int, memoryview]:
    """Return (tag, value) of the next element. Raises RecordMalformed as `elements` does."""
    return _tag(cursor), cursor.take(_length(cursor), "a tagged value")


def _tag(cursor: Cursor) -> int:
    tag = cursor.u8("a tag")
    if tag & _MORE_TAG == _MORE_TAG:
        tag = tag << 8 | cursor.u8("a tag")
        if tag & 0x80:
            raise RecordMalformed(f"{cursor.where} has a tag of more than two bytes, which no record has.")
    return tag


def _length(cursor: Cursor) -> int:
    first = cursor.u8("a length")
    if first < _LONG:
        return first
    count = first - _LONG
    if not 1 <= count <= _MOST_LENGTH_BYTES:
        raise RecordMalformed(
            f"{cursor.where} has a length that is indefinite or of {count} bytes. Encode it in DER (definite lengths)."
        )
    return cursor.number(count, "a length")


def find(data: bytes | memoryview, tag: int, where: str) -> memoryview | None:
    """Return the value of the first element with this tag; None if there is none."""
    return next((value for found, value in elements(data, where) if found == tag), None)


def need(data: bytes | memoryview, path: tuple[int, ...], where: str) -> memoryview:
    """Return the value at the end of a path of tags, each inside the one before it.

    Raises:
        RecordMalformed: an element of the path is missing.
    """
    value = memoryview(data)
    for tag in path:
        inner = find(value, tag, where)
        if inner is None:
            raise RecordMalformed(f"{where} lacks the element {tag:X} that ISO/IEC 39794 requires there.")
        value = inner
    return value


def number(value: memoryview, where: str) -> int:
    """Return a non-negative INTEGER or ENUMERATED of at most 4 bytes.

    Raises:
        RecordMalformed: it is negative, empty or longer.
    """
    if not 1 <= len(value) <= _MOST_LENGTH_BYTES or value[0] & 0x80:
        raise RecordMalformed(f"{where} has a number that is negative, or of {len(value)} bytes.")
    return int.from_bytes(value, "big")
