"""Tags and lengths of ASN.1 (DER) and of ISO/IEC 7816: read in order, never into a part that is not asked for.

There is no recursion: a caller names each level that it enters, so depth is bounded by the caller's own path.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from biometrics.errors import RecordMalformed
from formats.cursor import Cursor

_MORE_TAG = 0x1F
_LONG = 0x80
_MOST_LENGTH_BYTES = 4
_MOST_ELEMENTS = 32
"""Side by side; the longest sequence on the way to a picture has 11."""


class Element(NamedTuple):
    """One element.

    Args:
        tag: all its bytes as one number, e.g. 0x7F61.
        value: what stands behind tag and length.
        whole: tag, length and value.
    """

    tag: int
    value: memoryview
    whole: memoryview


def elements(data: bytes | memoryview, where: str, most: int = _MOST_ELEMENTS) -> Iterator[Element]:
    """Yield each element.

    Args:
        data: elements one behind the other, without anything after them.
        where: for messages.
        most: elements that are read.

    Raises:
        RecordMalformed: a length that is more than there is, has more than 4 bytes, or is indefinite; too many.
    """
    rest = memoryview(data)
    for _ in range(most):
        if not rest:
            return
        yield (one := first(rest, where))
        rest = rest[len(one.whole) :]
    if rest:
        raise RecordMalformed(f"{where} has more than {most} elements side by side, which no record has.")


def first(data: bytes | memoryview, where: str) -> Element:
    """Return the element that bytes begin with; what comes after it is not read. Raises as `elements` does."""
    view = memoryview(data)
    cursor = Cursor(view, where)
    tag = _tag(cursor)
    value = cursor.take(_length(cursor), f"the value of {tag:X}")
    return Element(tag, value, view[: len(view) - cursor.left])


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
    return next((one.value for one in elements(data, where) if one.tag == tag), None)


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
