from __future__ import annotations

import io
import logging
import subprocess
import sys
from errno import ENOSPC
from threading import Event

from infra.serving.logs.buffer import LARGEST, BufferedHandler


class Stream(io.StringIO):
    """A stream that counts its writes and signals each."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[str] = []
        self.written = Event()

    def write(self, text: str) -> int:
        """Record the text."""
        self.writes.append(text)
        self.written.set()
        return len(text)


def logger_to(stream: Stream) -> tuple[logging.Logger, BufferedHandler]:
    """A separate logger that writes to the stream."""
    logger, handler = logging.getLogger("test of the log"), BufferedHandler(stream)
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.INFO)
    return logger, handler


def test_lines_are_written_together_and_in_order() -> None:
    """A warning flushes the lines before it; no line is lost, doubled or reordered."""
    stream = Stream()
    logger, handler = logger_to(stream)
    handler.acquire()  # the thread waits: nothing is written in between
    for number in range(3):
        logger.info("line %d", number)
    logger.warning("now")
    handler.release()
    assert ["line 0\nline 1\nline 2\nnow\n"] == stream.writes
    handler.close()


def test_a_line_does_not_wait_for_others() -> None:
    """A single line is written after the delay."""
    stream = Stream()
    logger, handler = logger_to(stream)
    for number in range(3):
        stream.written.clear()
        logger.info("alone %d", number)
        assert stream.written.wait(60)
    assert ["alone 0\n", "alone 1\n", "alone 2\n"] == stream.writes
    handler.close()


def test_waiting_lines_are_bounded() -> None:
    """Lines beyond the bound are written at once."""
    stream = Stream()
    logger, handler = logger_to(stream)
    handler.acquire()
    logger.info("x" * LARGEST)
    assert 1 == len(stream.writes)
    handler.release()
    handler.close()


def test_a_line_that_cannot_be_formatted_is_skipped() -> None:
    """Other lines are written."""
    stream = Stream()
    logger, handler = logger_to(stream)
    logger.info("%d", "no number")
    logger.warning("next")
    assert "next\n" == "".join(stream.writes)
    handler.close()


def test_the_last_lines_of_a_process_are_written() -> None:
    """A process that ends writes its last lines."""
    code = (
        "import logging; from infra.serving.logs.buffer import BufferedHandler as H;"
        "logging.basicConfig(level=20, handlers=[H()]); logging.info('goodbye')"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stderr.endswith("goodbye\n")


def test_a_log_that_cannot_be_written_raises_nothing() -> None:
    """With a full disk or a reader that has gone, logging continues, and later lines are written."""
    stream, lost = Stream(), list[str]()
    logger, handler = logger_to(stream)
    write = stream.write

    def fail(text: str) -> int:
        lost.append(text)
        raise OSError(ENOSPC, "No space left on device")

    stream.write = fail  # type: ignore[method-assign]
    logger.warning("lost")
    stream.write = write  # type: ignore[method-assign]
    logger.warning("kept")
    handler.close()
    assert ["lost\n"] == lost
    assert ["kept\n"] == stream.writes
