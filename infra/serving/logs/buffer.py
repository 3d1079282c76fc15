"""A log handler that writes lines in batches, a moment later and in its own thread, so that calls do not wait."""

from __future__ import annotations

import logging
from contextlib import suppress
from threading import Event, Thread
from typing import TextIO

DELAY_S = 0.05
"""Longest delay of a line, in seconds; a process that is killed loses no more than this of its log."""

LARGEST = 1 << 16
"""Most characters that wait."""


class BufferedHandler(logging.StreamHandler[TextIO]):
    """Writes lines in order, many per system call; a warning is written at once, with all lines before it.

    A write releases the interpreter lock, and the event loop then has to wait for it: once per call, that would take
    as long as the call's own work.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        super().__init__(stream)
        self._lines: list[str] = []
        self._size = 0
        self._waiting = Event()
        self._ended = Event()
        Thread(target=self._write_later, name="log", daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line; called under the handler's lock."""
        try:
            line = self.format(record) + self.terminator
        except Exception:  # noqa: BLE001 - as in logging: a line that cannot be formatted is no failure
            self.handleError(record)
            return
        self._lines.append(line)
        self._size += len(line)
        if record.levelno >= logging.WARNING or self._size >= LARGEST or self._ended.is_set():
            self.flush()
        elif not self._waiting.is_set():
            self._waiting.set()

    def flush(self) -> None:
        """Write the waiting lines."""
        self.acquire()
        try:
            text, self._lines, self._size = "".join(self._lines), [], 0
            self._waiting.clear()
            if text and not self.stream.closed:
                with suppress(OSError):  # disk full or reader gone: lines are lost, no call fails
                    self.stream.write(text)
                    self.stream.flush()
        finally:
            self.release()

    def close(self) -> None:
        """Write the waiting lines, and end the thread."""
        self._ended.set()
        self._waiting.set()
        self.flush()
        super().close()

    def _write_later(self) -> None:
        while not self._ended.is_set():
            self._waiting.wait()
            self._ended.wait(DELAY_S)
            self.flush()
