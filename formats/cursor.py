"""Reading numbers and parts of a record, in order, never beyond its end."""

from __future__ import annotations

from biometrics.errors import RecordMalformed


class Cursor:
    """A place in bytes that moves forward; every read is checked against the end first. Numbers are big-endian.

    Args:
        data: the bytes; they are not copied.
        where: which part of the record this is, for messages, e.g. "representation 2".
        at: where to begin.
        end: where to stop, at most the length of the data; None: there.
    """

    def __init__(self, data: bytes | memoryview, where: str, at: int = 0, end: int | None = None) -> None:
        self._data = memoryview(data)
        self.at = at
        self.end = len(self._data) if end is None else min(end, len(self._data))
        self.where = where

    @property
    def left(self) -> int:
        """Bytes that are not read yet."""
        return self.end - self.at

    def take(self, count: int, what: str) -> memoryview:
        """Return the next `count` bytes and move behind them.

        Raises:
            RecordMalformed: fewer are left.
        """
        if count > self.left:
            raise RecordMalformed(
                f"{self.where}: {what} needs {count} bytes, and {self.left} are left. The record is truncated, or a "
                "length in it is wrong."
            )
        self.at += count
        return self._data[self.at - count : self.at]

    def number(self, count: int, what: str) -> int:
        """Return the next `count` bytes as an unsigned number."""
        return int.from_bytes(self.take(count, what), "big")

    def u8(self, what: str) -> int:
        """Return the next byte."""
        return self.number(1, what)

    def u16(self, what: str) -> int:
        """Return the next two bytes as a number."""
        return self.number(2, what)

    def u32(self, what: str) -> int:
        """Return the next four bytes as a number."""
        return self.number(4, what)

    def part(self, count: int, where: str) -> Cursor:
        """Return a cursor of its own on the next `count` bytes, and move behind them."""
        return Cursor(self.take(count, where), where)

    def rest(self) -> memoryview:
        """Return all that is left."""
        return self.take(self.left, self.where)
