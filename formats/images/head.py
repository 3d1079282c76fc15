"""What the general headers and representations of all image records have in common."""

from __future__ import annotations

from collections.abc import Iterator

from biometrics.errors import RecordMalformed
from formats.codes import quality
from formats.cursor import Cursor
from formats.limits import check_samples

_IDENTIFIER_BYTES = 8
_CAPTURE_BYTES = 9 + 1 + 2 + 2
"""Date and time, device technology, vendor, type."""
_CERTIFICATE_BYTES = 3
_LENGTH_BYTES = 4


def record(data: bytes, length_bytes: int = _LENGTH_BYTES) -> Cursor:
    """Return a cursor behind the record's length, that ends where the record ends; bytes after it are unused.

    Args:
        data: from the format identifier on.
        length_bytes: of the field of the record's length.

    Raises:
        RecordMalformed: the stated length is more than there is, or less than what was read.
    """
    whole = Cursor(data, "the record")
    whole.take(_IDENTIFIER_BYTES, "the format and its version")
    stated = whole.number(length_bytes, "the length of the record")
    before = _IDENTIFIER_BYTES + length_bytes
    if not before <= stated <= len(data):
        raise RecordMalformed(f"The record states a length of {stated} bytes, but has {len(data)}. It is truncated.")
    return whole.part(stated - before, "the record")


def count(number: int) -> int:
    """Return the stated number of representations.

    Raises:
        RecordMalformed: 0, or more than are read.
    """
    if not number:
        raise RecordMalformed("The record states that it holds no representation.")
    check_samples(number, "The record")
    return number


def representations(data: bytes, more_header_bytes: int) -> Iterator[tuple[Cursor, bool]]:
    """Yield a cursor on each representation of a record of 2011, behind its length, and whether certificates come.

    Args:
        data: the record.
        more_header_bytes: of the general header behind the certification flag.
    """
    body = record(data)
    number = count(body.u16("the number of representations"))
    certified = body.u8("the certification flag") == 1
    body.take(more_header_bytes, "the general header")
    for index in range(1, number + 1):
        where = f"representation {index}"
        length = body.u32(f"the length of {where}")
        if length < _LENGTH_BYTES:
            raise RecordMalformed(f"{where} states a length of {length} bytes, less than the length itself has.")
        yield body.part(length - _LENGTH_BYTES, where), certified


def captured(body: Cursor) -> float | None:
    """Read past date and device of a representation of 2011; return the first quality of 0–100 that it claims."""
    body.take(_CAPTURE_BYTES, "date and device")
    scores = []
    for _ in range(body.u8("the number of qualities")):
        scores.append(quality(body.u8("a quality")))
        body.take(4, "the algorithm of a quality")
    return next((score for score in scores if score is not None), None)


def past_certificates(body: Cursor) -> None:
    """Read past the certificates of a device."""
    number = body.u8("the number of certificates")
    body.take(number * _CERTIFICATE_BYTES, "the certificates")
