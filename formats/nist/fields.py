"""The fields of one tagged record. Only those asked for are kept, so what else a record says is never in an object."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from biometrics.errors import RecordMalformed

DATA = 999
"""The number of the field with the picture; it goes to the end of its record, whatever bytes it has."""
_TAG = re.compile(rb"(\d{1,2})\.(\d{1,4}):")
_END = re.compile(rb"[\x1c\x1d]")
_ROWS, _ITEMS = "\x1e", "\x1f"


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

    def text(self, number: int) -> str:
        """Return a field as text; "" if it is not there. Bytes that are not ASCII become "?"."""
        return bytes(self.values.get(number, b"")).decode("ascii", "replace").strip()

    def rows(self, number: int) -> list[list[str]]:
        """Return a field's subfields, each as its items; none if the field is empty or not there."""
        text = self.text(number)
        return [row.split(_ITEMS) for row in text.split(_ROWS)] if text else []

    def numbers(self, number: int) -> list[list[int]]:
        """Return a field's subfields, each as the whole numbers that its items are.

        Raises:
            RecordMalformed: an item is no whole number of at most 9 digits.
        """
        return [[self.whole(item, number) for item in row] for row in self.rows(number)]

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
        if not re.fullmatch(r"[0-9]{1,9}", item.strip()):
            raise RecordMalformed(f"{self.where} has no whole number where {self.type}.{number:03} requires one.")
        return int(item)


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
    at = 0
    while at < len(record):
        tag = _TAG.match(record, at)
        if tag is None or int(tag[1]) != record_type:
            raise RecordMalformed(f"{where} has something other than a field of Type-{record_type} between its fields.")
        number = int(tag[2])
        stop = len(record) - 1 if number == DATA else _end(record, tag.end(), where)
        if number in found:
            raise RecordMalformed(f"{where} has the field {record_type}.{number:03} twice.")
        if number in wanted:
            found[number] = record[tag.end() : stop]
        at = stop + 1
    return Fields(where, record_type, found)


def _end(record: memoryview, start: int, where: str) -> int:
    end = _END.search(record, start)
    if end is None:
        raise RecordMalformed(f"{where} has a field without an end.")
    return end.start()
