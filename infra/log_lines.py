"""Log lines that nobody can forge: what a caller sent stays within its line."""

from __future__ import annotations

import logging
import re

_UNSEEN = re.compile(r"[^\x20-\x7e\u00a1-\u1fff\u2030-\ud7ff\uf900-\ufffc]")
"""Control characters, line separators, marks of direction, surrogates."""


def one_line(text: str) -> str:
    """The text with what a terminal or a reader would not show as itself written as an escape."""
    return _UNSEEN.sub(lambda found: found.group().encode("unicode_escape", "surrogatepass").decode(), text)


class OneLine(logging.Formatter):
    """One line for each record; those of a traceback, which may quote anything, begin with a bar."""

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        record.message = one_line(record.getMessage())
        record.asctime = self.formatTime(record)
        lines = [self.formatMessage(record)]
        if record.exc_info:
            lines += [f"  | {one_line(line)}" for line in self.formatException(record.exc_info).splitlines()]
        return "\n".join(lines)
