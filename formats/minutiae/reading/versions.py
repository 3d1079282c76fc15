"""Which standard a record follows, told by its first bytes.

| bytes 4–7 | bytes from 8 | standard |
|---|---|---|
| " 20", some "020" | 2 bytes ≥ 26, the length | ANSI 378-2004 |
| | else 4 bytes ≥ 24, the length | ISO/IEC 19794-2:2005 |
| | else 2 bytes, and 4 with a length over 65,535 | ANSI 378-2004 |
| "030" | representations whose lengths add up to the record's | ISO/IEC 19794-2:2011 |
| | anything else | ANSI 378-2009 |
| "035" | | ANSI 378-2009, amendment 1 |
"""

from __future__ import annotations

from dataclasses import dataclass

from biometrics.errors import RecordMalformed, RecordUnsupported
from formats.contents import RecordFormat
from formats.cursor import Cursor

MAGIC = b"FMR\0"
ANSI_2004_HEADER, ISO_2005_HEADER, ISO_2011_HEADER = 26, 24, 15
LONGEST_SHORT = 0xFFFF
OFF_BY = 1
"""Bytes by which a stated length may be wrong. A worked example of ISO/IEC 19794-2:2005 states one too few, and there
are records whose extended data is a byte shorter than stated."""


@dataclass(frozen=True, slots=True)
class Version:
    """What the first bytes say.

    Args:
        format: which standard.
        text: three characters.
        length: of the whole record, bytes, as stated.
        cursor: after version and length, until the end of the record.
    """

    format: RecordFormat
    text: str
    length: int
    cursor: Cursor


def is_record(data: bytes) -> bool:
    """Whether bytes begin as finger minutiae records of all versions do."""
    return data.startswith(MAGIC)


def version_of(data: bytes) -> Version:
    """Tell the version and check the length.

    Raises:
        RecordMalformed: no minutiae record, or one that is shorter than it states.
        RecordUnsupported: another version.
    """
    if not is_record(data):
        raise RecordMalformed("This is no finger minutiae record: it does not begin with FMR.")
    cursor = Cursor(data, "header", len(MAGIC))
    text = bytes(cursor.take(4, "the version"))
    if text in (b" 20\0", b"020\0"):
        is_iso, length = _length_of_20(cursor)
        record_format = RecordFormat.ISO_19794_2_2005 if is_iso else RecordFormat.ANSI_378_2004
    elif text in (b"030\0", b"035\0"):
        length = cursor.number(4, "the length")
        is_iso = text == b"030\0" and _representations_fill(data, length)
        record_format = RecordFormat.ISO_19794_2_2011 if is_iso else RecordFormat.ANSI_378_2009
    else:
        raise RecordUnsupported(
            "The finger minutiae record is of a version that is not read. Those read are 20, 030 and 035."
        )
    if length > len(data) + OFF_BY:
        raise RecordMalformed(f"The record states {length} bytes, and {len(data)} are there.")
    cursor.end = min(length + OFF_BY, len(data))
    return Version(record_format, text[:3].decode("ascii").strip(), length, cursor)


def _length_of_20(cursor: Cursor) -> tuple[bool, int]:
    """Whether the record is ISO/IEC 19794-2:2005, and its length."""
    start = cursor.at
    length = cursor.number(2, "the length")
    if length >= ANSI_2004_HEADER:
        return False, length
    after = cursor.at
    cursor.at = start
    length = cursor.number(4, "the length")
    if length >= ISO_2005_HEADER:
        return True, length
    cursor.at = after
    length = cursor.number(4, "the length")
    if length <= LONGEST_SHORT:
        raise RecordMalformed("header: the stated length is shorter than the header.")
    return False, length


def _representations_fill(data: bytes, length: int) -> bool:
    """Whether the stated lengths of as many representations as announced add up to the record's length."""
    at = ISO_2011_HEADER
    for _ in range(int.from_bytes(data[12:14], "big")):
        if len(data) - at < 4:
            return False
        at += int.from_bytes(data[at : at + 4], "big")
        if at > length:
            return False
    return at == length
