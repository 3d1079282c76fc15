"""The fields of one tagged record. Only those asked for are kept, so what else a record says is never in an object."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from biometrics.errors import RecordMalformed

DATA = 999
"""The number of the field with the picture; it goes to the end of its record, whatever bytes it has."""
_TAG = re.compile(rb"(\d{1,2})\.(\d{1,4}):")
_END = re.compile(rb"[\x1c\x1d]")
_MOST_DIGITS = 9
_ROWS, _ITEMS = "\x1e", "\x1f"
_NUMBERS = re.compile(r"[0-9]{1,9}(?:[\x1e\x1f][0-9]{1,9})*")
MOST_TEXT_BYTES = 8 * 1024
"""Of a field that is read as text; a list of 1,000 records has 7,000."""
MOST_MINUTIAE_BYTES = 64 * 1024
"""Of a field with minutiae; 1,000 of them have half of it."""


@dataclass(frozen=True, slots=True)
class Fields:
    """Fields of a record by number.

    Args:
        where: the record, for messages.
        type: its number in the standard.
        values: as they stand in the file, without separators at their end.
    """

    where: str
    type: int
    values: dict[int, memoryview] = field(repr=False)

    def __contains__(self, number: int) -> bool:
        return number in self.values

    def text(self, number: int, most: int = MOST_TEXT_BYTES) -> str:
        """Return a field of at most so many bytes as text; "" if it is not there. What is not ASCII becomes "�".

        Raises:
            RecordMalformed: it is longer than any field that is read as text.
        """
        value = self.values.get(number, b"")
        if len(value) > most:
            raise RecordMalformed(f"{self.where} has a field ({self.type}.{number:03}) of {len(value)} bytes.")
        return bytes(value).decode("ascii", "replace").strip()

    def rows(self, number: int, most: int = MOST_TEXT_BYTES) -> list[list[str]]:
        """Return a field's subfields, each as its items; none if the field is empty or not there."""
        text = self.text(number, most)
        return [row.split(_ITEMS) for row in text.split(_ROWS)] if text else []

    def numbers(self, number: int, most: int = MOST_TEXT_BYTES) -> list[list[int]]:
        """Return a field's subfields, each as the whole numbers that its items are.

        Raises:
            RecordMalformed: an item is no whole number of at most 9 digits.
        """
        rows = self.rows(number, most)
        if _NUMBERS.fullmatch(self.text(number, most)):
            return [list(map(int, row)) for row in rows]
        return [[self.whole(item, number) for item in row] for row in rows]

    def number(self, number: int, default: int | None = None) -> int:
        """Return the first item of a field as a whole number; `default` if the field is not there.

        Raises:
            RecordMalformed: it is no number, or not there without a default.
        """
        rows = self.rows(number)
        if not rows and default is not None:
            return default
        return self.whole(rows[0][0] if rows else "", number)

    def whole(self, item: str, number: int) -> int:
        """Return an item as a whole number of at most 9 digits; `number` is its field, for the message.

        Raises:
            RecordMalformed: it is none.
        """
        digits = item.strip()
        if not (digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS):
            raise RecordMalformed(f"{self.where} has no whole number where {self.type}.{number:03} requires one.")
        return int(digits)


def fields(record: memoryview, record_type: int, wanted: frozenset[int], where: str) -> Fields:
    """Return the wanted fields of a tagged record.

    Args:
        record: from its length (field .001) to its file separator.
        record_type: its number in the standard.
        wanted: numbers of the fields to keep.
        where: for messages.

    Raises:
        RecordMalformed: a field of another type, without an end, or twice.
    """
    found: dict[int, memoryview] = {}
    seen: set[int] = set()
    at = 0
    while at < len(record):
        tag = _TAG.match(record, at)
        if tag is None or int(tag[1]) != record_type:
            raise RecordMalformed(f"{where} has something other than a field of Type-{record_type} between its fields.")
        number = int(tag[2])
        stop = len(record) - 1 if number == DATA else _end(record, tag.end(), where)
        if number in seen or number > DATA:
            raise RecordMalformed(f"{where} has the field {record_type}.{number:03} twice, or above 999.")
        seen.add(number)
        if number in wanted:
            found[number] = record[tag.end() : stop]
        at = stop + 1
    return Fields(where, record_type, found)


def _end(record: memoryview, start: int, where: str) -> int:
    end = _END.search(record, start)
    if end is None:
        raise RecordMalformed(f"{where} has a field without an end.")
    return end.start()
