"""Formats log lines that cannot be forged: text sent by a caller stays within its line."""

from __future__ import annotations

import logging


def one_line(text: str) -> str:
    """The text with every unprintable character, such as line ends and escape sequences, escaped."""
    return text if text.isprintable() else "".join(each if each.isprintable() else _escape(each) for each in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()


class OneLine(logging.Formatter):
    """One line per record; lines of a traceback, which may quote anything, begin with a bar."""

    _second, _written = -1, ""

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        record.message = one_line(record.getMessage())
        record.asctime = self._time(record)
        lines = [self.formatMessage(record)]
        if record.exc_info:
            lines += [f"  | {one_line(line)}" for line in self.formatException(record.exc_info).splitlines()]
        return "\n".join(lines)

    def _time(self, record: logging.LogRecord) -> str:
        """The record's time, to the millisecond; the text of a second is formatted once."""
        second = int(record.created)
        if second != self._second:
            self._second, self._written = second, self.formatTime(record, "%Y-%m-%d %H:%M:%S")
        return f"{self._written},{int(record.msecs):03d}"


def is_of_ours(record: logging.LogRecord) -> bool:
    """Whether gRPC's line concerns the operator; it does not if a caller had gone before its answer was sent."""
    return not (record.exc_info and record.exc_info[0] and record.exc_info[0].__name__ == "ExecuteBatchError")
