"""CPU, memory and descriptors of a process, with the processes that it started."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
LOOK_S = 1.0


def cpu_s(pid: int) -> float:
    """Seconds of CPU that a process and its living descendants have used."""
    return sum(_ticks(each) for each in (pid, *descendants(pid))) / TICKS


def memory_mib(pid: int) -> float:
    """Their memory, MiB; shared pages count once."""
    return sum(_pss_kib(each) for each in (pid, *descendants(pid))) / 1024


@contextmanager
def memory_watched(pid: int) -> Iterator[list[float]]:
    """Look at the memory of a process every second while the context is open; gives the MiB seen so far."""
    seen, over = [memory_mib(pid)], threading.Event()

    def look() -> None:
        while not over.wait(LOOK_S):
            seen.append(memory_mib(pid))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        over.set()
        looking.join()


def descriptors(pid: int) -> int:
    """Open descriptors of the process."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def descendants(pid: int) -> list[int]:
    """The ids of a process's children, their children, and so on."""
    try:
        tasks = [(task / "children").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
    except (FileNotFoundError, ProcessLookupError):
        return []
    children = [int(child) for line in tasks for child in line.split()]
    return [each for child in children for each in (child, *descendants(child))]


def _ticks(pid: int) -> int:
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0  # it has ended
    return int(words[11]) + int(words[12])


def _pss_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
