"""What the kernel holds a decoder to. All of it ends with the process."""

from __future__ import annotations

import ctypes
import mmap
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.images.formats.limits import Effort

PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
OUT_OF_TIME = signal.SIGPROF
"""What ends a process whose CPU time is used up."""


def confine() -> None:
    """For good: end with the process that started this one, and write no core file, which would hold a picture."""
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@contextmanager
def held_to(effort: Effort) -> Iterator[None]:
    """For one file: the kernel kills this process after its CPU time, and gives it no more memory than allowed."""
    _allow(_sizes()[0] + max(0, effort.memory_bytes - _sizes()[1]))
    signal.setitimer(signal.ITIMER_PROF, effort.cpu_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        _allow(resource.RLIM_INFINITY)


def allow_more(size: int) -> None:
    """Allow so many bytes beyond, for what is made while as much is given back."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY:
        _allow(limit + size)


def resident() -> int:
    """Bytes of memory that this process holds."""
    return _sizes()[1]


def used(life: resource.struct_rusage) -> dict[str, float]:
    """What a process has used in all its life, as it is told to the service."""
    return {"cpu_s": life.ru_utime + life.ru_stime, "peak_bytes": 1024 * life.ru_maxrss}


def _sizes() -> tuple[int, int]:
    """Bytes of address space and of memory."""
    space, held = Path("/proc/self/statm").read_bytes().split()[:2]
    return int(space) * mmap.PAGESIZE, int(held) * mmap.PAGESIZE


def _allow(space: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (space, resource.RLIM_INFINITY))
