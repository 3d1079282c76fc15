"""What a process logs, and the spans that it collects, while a test looks."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from infra.serving.logs.lines import JsonLines, OneLine
from infra.telemetry.traces import Span, collector


@contextmanager
def seen_lines(*names: str) -> Iterator[list[str]]:
    """All lines of these loggers and those below them, at DEBUG, as text and as JSON; "" names all loggers."""
    found: list[str] = []
    forms = OneLine("%(message)s"), JsonLines()

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.extend(form.format(record) for form in forms)

    kept, loggers = Kept(), [logging.getLogger(name) for name in names]
    before = [each.level for each in loggers]
    for each in loggers:
        each.addHandler(kept)
        each.setLevel(logging.DEBUG)
    try:
        yield found
    finally:
        for each, level in zip(loggers, before, strict=True):
            each.removeHandler(kept)
            each.setLevel(level)


@contextmanager
def seen_spans(share: float = 1.0) -> Iterator[list[Span]]:
    """The spans of traces that callers want, and of this share of the other calls."""
    found: list[Span] = []
    before = collector.take, collector.share
    collector.take, collector.share = found.append, share
    try:
        yield found
    finally:
        collector.take, collector.share = before
