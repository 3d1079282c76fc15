"""Processes of a guard: who they are, and their end."""

from __future__ import annotations

import os
import select
from contextlib import suppress
from pathlib import Path

from infra.images.formats.limits import Effort, ImageLimits
from infra.images.guard.guard import Guard

ENDLESS = Effort(cpu_s=1e6)
LIMITS = ImageLimits()


def descendants(pid: int) -> list[int]:
    """The process ids of its children and theirs, that have not ended."""
    found = []
    with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                found += [child, *descendants(child)]
    return found


def wait_for_the_end(pids: list[int]) -> None:
    """Return when all have ended."""
    for pid in pids:
        try:
            process = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        select.select([process], [], [])
        os.close(process)


def workers(own: Guard) -> list[int]:
    """The process ids of the nursery's workers."""
    assert own._spawner._nursery
    return descendants(own._spawner._nursery.pid)
