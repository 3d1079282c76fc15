"""Finds the processes of a guard, and waits for their end."""

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
    """Process ids of its living children and their children."""
    found = []
    with suppress(FileNotFoundError, ProcessLookupError):  # it has ended in the meantime
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                found += [child, *descendants(child)]
    return found


def wait_for_the_end(pids: list[int]) -> None:
    """Wait until all have ended."""
    for pid in pids:
        try:
            process = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        select.select([process], [], [])
        os.close(process)


def workers(own: Guard) -> list[int]:
    """Process ids of the workers of the fork server without compiled decoders."""
    spawner = own._plain._spawner
    assert spawner._fork_server
    return descendants(spawner._fork_server.pid)
