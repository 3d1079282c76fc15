"""Where the log lines of a service's process go, and how they look."""

from __future__ import annotations

import logging

from infra.serving.log_buffer import BufferedHandler
from infra.serving.log_lines import OneLine, is_of_ours
from infra.settings import Settings

OURS = ("biofusion", "gallery")
"""Roots of the loggers of this project."""

GRPC_LOGGER = "grpc._cython.cygrpc"
"""Of grpc.aio, which tells with a traceback of each caller that goes while it is answered."""


def configure_logging(settings: Settings) -> None:
    """Log lines to standard error, one line each.

    DEBUG is for our own loggers: those of libraries would tell what is in an image's metadata.
    """
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False  # no line shows them
    logging._srcfile = None  # noqa: SLF001 - as logging's manual says: no line shows where it was written
    level = logging.getLevelNamesMapping()[settings.log_level]
    handler = BufferedHandler()
    handler.setFormatter(OneLine("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=max(level, logging.INFO), handlers=[handler])
    logging.getLogger(GRPC_LOGGER).addFilter(is_of_ours)
    for name in OURS:
        logging.getLogger(name).setLevel(level)
