"""The memory limit of this process's container (Linux control groups), and what an index may fill of it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from infra.settings import Settings

CONTROL_GROUP = Path("/sys/fs/cgroup")

FILES = ("memory.max", "memory/memory.limit_in_bytes")
"""Of version 2 and version 1. Within a container they are those of the container itself."""

UNLIMITED = 1 << 60
"""Version 1 says so by a number as large."""


def memory_limit(folder: Path = CONTROL_GROUP) -> int:
    """The limit in bytes; 0 if there is none."""
    for name in FILES:
        with suppress(OSError, ValueError):  # "max" is no number
            limit = int((folder / name).read_text())
            return limit if limit < UNLIMITED else 0
    return 0


def index_memory(settings: Settings, folder: Path = CONTROL_GROUP) -> int:
    """Bytes that an index may fill; 0: any number."""
    return settings.index_memory_mb << 20 or int(settings.index_memory_share * memory_limit(folder))
