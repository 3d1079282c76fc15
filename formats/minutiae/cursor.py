"""Reading bytes in order, within bounds, with messages that name what is missing and where."""

from __future__ import annotations

from biometrics.errors import RecordMalformed


class Cursor:
    """A place in bytes that only moves forward, and never past an end.

    Args:
        data: the whole record.
        at: where to begin.
        end: where to stop, at most the length of the data.
        where: what is read, for messages, e.g. "view 2".
    """

    def __init__(self, data: bytes, at: int, end: int, where: str) -> None:
        self._data = data
        self.at = at
        self.end = min(end, len(data))
        self.where = where

    @property
    def left(self) -> int:
        """Bytes before the end."""
        return self.end - self.at

    def take(self, count: int, what: str) -> bytes:
        """The next bytes.

        Raises:
            RecordMalformed: fewer are left.
        """
        if count > self.left:
            raise RecordMalformed(
                f"{self.where}: {what} takes {count} bytes, and {self.left} are left. The record is truncated, or "
                "states a wrong length or number."
            )
        self.at += count
        return self._data[self.at - count : self.at]

    def number(self, size: int, what: str) -> int:
        """The next unsigned number of so many bytes, high byte first. Raises as `take`."""
        return int.from_bytes(self.take(size, what), "big")

    def part(self, count: int, what: str, where: str) -> Cursor:
        """A cursor over the next bytes alone, which this one then has passed. Raises as `take`."""
        self.take(count, what)
        return Cursor(self._data, self.at - count, self.at, where)
