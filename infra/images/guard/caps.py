"""Kernel limits of a decoder process: CPU time, memory, privileges, core files."""

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
"""Signal that ends a process whose CPU time is used up."""


def confine() -> None:
    """Confine this process for good: it ends with its parent, and writes no core file, which would hold an image."""
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@contextmanager
def held_to(effort: Effort) -> Iterator[None]:
    """Limit one file's decoding: the kernel kills this process after `cpu_s` and refuses more than `memory_bytes`."""
    _allow(_sizes()[0] + max(0, effort.memory_bytes - _sizes()[1]))
    signal.setitimer(signal.ITIMER_PROF, effort.cpu_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        _allow(resource.RLIM_INFINITY)


def allow_more(size: int) -> None:
    """Raise the memory limit by `size`: for an array that is filled while as much source memory is released."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY:
        _allow(limit + size)


def resident() -> int:
    """Bytes of this process's resident memory."""
    return _sizes()[1]


def used(life: resource.struct_rusage) -> dict[str, float]:
    """CPU seconds and peak memory of a process so far, in the form of the message to the service."""
    return {"cpu_s": life.ru_utime + life.ru_stime, "peak_bytes": 1024 * life.ru_maxrss}


def _sizes() -> tuple[int, int]:
    """Bytes of address space and of resident memory."""
    space, held = Path("/proc/self/statm").read_bytes().split()[:2]
    return int(space) * mmap.PAGESIZE, int(held) * mmap.PAGESIZE


def _allow(space: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (space, resource.RLIM_INFINITY))
