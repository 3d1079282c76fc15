"""Metrics of the process: the memory that it may use. What it uses is told by the exporter: `process_…`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path

from infra.memory_limit import memory_limit
from infra.telemetry.instruments import Observed, Reading

LIMIT = Observed(
    "biofusion_memory_limit_bytes", "Memory that this process may use: its control group's limit, else the machine's."
)
RESIDENT = Observed("biofusion_memory_resident_bytes", "Memory of this process, without its image decoders, bytes.")
BUILD = Observed("biofusion_build_info", "Always 1: the version that runs.", ("version",))

_version = cache(partial(version, "biofusion"))


def readings() -> Iterator[Reading]:
    """The values now."""
    page = os.sysconf("SC_PAGE_SIZE")
    machine = page * os.sysconf("SC_PHYS_PAGES")
    yield Reading(LIMIT, min(machine, memory_limit() or machine))
    yield Reading(RESIDENT, page * int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]))
    yield Reading(BUILD, 1, (_version(),))
