"""Formats log lines that cannot be forged: text sent by a caller stays within its line."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from infra.serving.request_ids import current_request_id
from infra.telemetry.traces import current_trace


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
        if hasattr(record, "facts") and (trace := current_trace.get()):
            record.message += f" trace_id={trace.trace_id}"
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


class JsonLines(logging.Formatter):
    """One JSON object per record: time (RFC 3339, UTC), level, logger, message; of a call its request id and trace.

    The line that ends a call also has its method, code and took_ms. A traceback, which may quote anything, is the
    field `error`. Text of callers cannot forge a line, as JSON escapes line ends.
    """

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {
            "time": time.replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := current_request_id.get():
            line["request_id"] = request_id
        if trace := current_trace.get():
            line |= {"trace_id": trace.trace_id, "span_id": trace.span_id}
        line |= getattr(record, "facts", {})
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line)


def is_of_ours(record: logging.LogRecord) -> bool:
    """Whether gRPC's line concerns the operator; it does not if a caller had gone before its answer was sent."""
    return not (record.exc_info and record.exc_info[0] and record.exc_info[0].__name__ == "ExecuteBatchError")
