"""A file → its records, by their stated lengths and the list in field 1.003; what is not read is never looked into."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from biometrics.errors import RecordMalformed
from formats.limits import check_samples
from formats.nist.fields import Fields, fields

FS = 0x1C
_TAGGED = re.compile(rb"(\d{1,2})\.0{0,3}1:(\d{1,9})[\x1c\x1d]")
_BINARY_TYPES = range(3, 9)
_BINARY_HEADER_BYTES = 5
_KNOWN_TYPES = range(2, 100)
_CONTENTS, _NATIVE, _NOMINAL = 3, 11, 12


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a file.

    Args:
        type: its number in the standard, e.g. 14.
        where: for messages, with the place among all of its type, e.g. "record 14.3".
        data: all of its bytes with the length that they begin with.
    """

    type: int
    where: str
    data: memoryview = field(repr=False)


@dataclass(frozen=True, slots=True)
class File:
    """The records of a file behind Type-1, and what Type-1 states of binary images.

    Args:
        records: in their order.
        native: dots per millimetre, field 1.011; 0 if there are no binary images.
        nominal: dots per millimetre, field 1.012.
    """

    records: tuple[Record, ...]
    native: float
    nominal: float


def walk(data: bytes) -> File:
    """Return the records of a file.

    Raises:
        RecordMalformed: a length that does not fit, a record of another type than 1.003 lists there, or a 1.003 that
            contradicts itself.
    """
    view = memoryview(data)
    first = Record(1, "record 1", view[: _tagged_length(view, 1, "record 1")])
    header = fields(first.data, 1, frozenset({_CONTENTS, _NATIVE, _NOMINAL}), first.where)
    records: list[Record] = []
    at = len(first.data)
    for kind, identifier in _listed(header):
        where = f"record {kind}.{sum(record.type == kind for record in records) + 1}"
        length = _length(view[at:], kind, identifier, where)
        records.append(Record(kind, where, view[at : at + length]))
        at += length
    return File(tuple(records), _per_mm(header, _NATIVE), _per_mm(header, _NOMINAL))


def _listed(header: Fields) -> list[tuple[int, int]]:
    """Return (type, IDC) of each record that 1.003 lists behind Type-1 itself."""
    rows = header.numbers(_CONTENTS)
    if not rows or any(len(row) != 2 for row in rows) or rows[0][0] != 1:
        raise RecordMalformed("record 1 lacks a list of records (1.003) that begins with its own.")
    stated, listed = rows[0][1], [(kind, identifier) for kind, identifier in rows[1:]]
    check_samples(len(listed), "record 1")
    if stated != len(listed):
        raise RecordMalformed(f"record 1 states {stated} records in 1.003, and lists {len(listed)}.")
    if any(kind not in _KNOWN_TYPES for kind, _ in listed):
        raise RecordMalformed("record 1 lists a record of a type that is not 2–99 (1.003).")
    return listed


def _per_mm(header: Fields, number: int) -> float:
    text = header.text(number)
    if not re.fullmatch(r"\d{0,3}(\.\d{0,4})?", text):
        raise RecordMalformed(f"record 1 has a resolution (1.{number:03}) that is no number.")
    return float(text) if text.strip(".") else 0.0


def _length(rest: memoryview, kind: int, identifier: int, where: str) -> int:
    if kind in _BINARY_TYPES:
        return _binary_length(rest, identifier, where)
    return _tagged_length(rest, kind, where)


def _binary_length(rest: memoryview, identifier: int, where: str) -> int:
    length = int.from_bytes(rest[:4], "big")
    _check_length(length, _BINARY_HEADER_BYTES, rest, where)
    if rest[4] != identifier:
        raise RecordMalformed(f"{where} has another IDC than 1.003 lists. The lengths of the records do not fit.")
    return length


def _tagged_length(rest: memoryview, kind: int, where: str) -> int:
    start = _TAGGED.match(rest)
    if start is None or int(start[1]) != kind:
        raise RecordMalformed(
            f"{where} does not begin with its length ({kind}.001). The file is truncated, the lengths of the records "
            "do not fit, or 1.003 lists others."
        )
    length = int(start[2])
    _check_length(length, start.end(), rest, where)
    if rest[length - 1] != FS:
        raise RecordMalformed(f"{where} does not end with a file separator where its length ({kind}.001) says.")
    return length


def _check_length(length: int, least: int, rest: memoryview, where: str) -> None:
    if not least <= length <= len(rest):
        raise RecordMalformed(f"{where} states a length of {length} bytes, and {len(rest)} are left.")
