"""What is freed is overwritten: nothing of an erased template stays in this process's memory.

Two allocators hand out memory. glibc's overwrites what is freed when it is told to (`perturb`), except what each
thread keeps back for itself (its tcache), which can be turned off only when a process starts: hence
`overwrite_freed`. Python's own, for objects of up to 512 bytes, and numpy's, for arrays of up to 1,023, overwrite
nothing: `scrub` fills what they hold free.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import sys
from collections.abc import MutableMapping
from pathlib import Path

import numpy as np

log = logging.getLogger(__name__)

VARIABLE = "GLIBC_TUNABLES"
TUNABLES = "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0"
"""165: any byte but 0, which would turn it off."""
BEGUN = "_BIOFUSION_BEGUN_ANEW"
"""The process that has begun anew, so that it does so once: where Python has capabilities of its own the loader takes
the tunables out of the environment again."""

PYTHON_BLOCKS = range(48, 513, 16)
"""Sizes of the blocks of Python's allocator that can hold text: smaller ones have no room beside the header."""
BYTES_HEADER = 33
ARENA = 1 << 20
"""Python's allocator asks the system for so many bytes at once: when it does, all it held free is in use."""
FIRST_ARENAS, NEXT_ARENAS = 8, 2
"""Growth, in arenas, that tells that; several, as other threads ask the system for memory too."""
AT_ONCE = 4096
NUMPY_LARGEST, NUMPY_KEPT = 1023, 8
"""numpy keeps up to 7 freed arrays of each size in bytes."""


def overwrite_freed(environment: MutableMapping[str, str] | None = None) -> None:
    """Begin this process anew with an allocator that overwrites what is freed, unless it has one or there is none.

    To be called before anything is opened. Images that set the variable (as `Containerfile` does) are spared the second
    start.
    """
    environment = os.environ if environment is None else environment
    wanted = with_tunables(environment.get(VARIABLE, ""))
    if wanted == environment.get(VARIABLE, "") or not _has_glibc():
        return
    process = str(os.getpid())
    if environment.get(BEGUN) == process:
        log.warning("What is freed is not overwritten in memory: %s is taken out of the environment.", VARIABLE)
        return
    begun = {**environment, VARIABLE: wanted, BEGUN: process}
    os.execve(sys.executable, sys.orig_argv, begun)  # noqa: S606 - this very program


def with_tunables(given: str) -> str:
    """The variable's value with ours added, or itself where they are in it."""
    missing = [each for each in TUNABLES.split(":") if each not in given.split(":")]
    return ":".join([*filter(None, [given]), *missing])


def scrub() -> None:
    """Overwrite what Python's and numpy's allocators hold free, and give back what can be given back.

    Takes some 50 ms of CPU, in pieces between which other threads run, and 70 MB for that time.
    """
    gc.collect()
    _fill_numpy()
    _fill_python()
    if _has_glibc():
        ctypes.CDLL(None).malloc_trim(0)


def _fill_numpy() -> None:
    for size in range(1, NUMPY_LARGEST + 1):
        kept = [np.zeros(size, np.uint8) for _ in range(NUMPY_KEPT)]
        for each in kept:
            each.fill(0)


def _fill_python() -> None:
    """The first size fills every free pool, each other one what is free in its own pools."""
    filled: list[list[bytes]] = []
    arenas = FIRST_ARENAS
    for block in PYTHON_BLOCKS:
        before = _process_bytes()
        while 0 < before > _process_bytes() - arenas * ARENA:
            filled.append([bytes(block - BYTES_HEADER) for _ in range(AT_ONCE)])
        arenas = NEXT_ARENAS


def _process_bytes() -> int:
    """The size of this process's address space; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _has_glibc() -> bool:
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
    except (ValueError, OSError):
        return False
