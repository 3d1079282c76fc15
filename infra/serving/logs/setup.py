"""Configures the destination and format of a service's log lines."""

from __future__ import annotations

import logging

from infra.serving.logs.buffer import BufferedHandler
from infra.serving.logs.lines import JsonLines, OneLine, is_of_ours
from infra.settings import Settings

OURS = ("biofusion", "gallery")
"""Roots of the loggers of this project."""

GRPC_LOGGER = "grpc._cython.cygrpc"
"""Logger of grpc.aio, which logs a traceback for each caller that goes while it is answered."""


def configure_logging(settings: Settings) -> None:
    """Log to standard error, one line per record.

    DEBUG applies to this project's loggers only: those of libraries would log image metadata.
    """
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False  # no line shows them
    logging._srcfile = None  # noqa: SLF001 - as logging's manual advises: no line shows its source position
    level = logging.getLevelNamesMapping()[settings.log_level]
    handler = BufferedHandler()
    text = OneLine("%(asctime)s %(levelname)s %(name)s %(message)s")
    handler.setFormatter(JsonLines() if settings.log_format == "json" else text)
    logging.basicConfig(level=max(level, logging.INFO), handlers=[handler])
    logging.getLogger(GRPC_LOGGER).addFilter(is_of_ours)
    for name in OURS:
        logging.getLogger(name).setLevel(level)
