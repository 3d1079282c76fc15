"""Overwrites freed memory, so that nothing of an erased template stays in this process.

Three allocators keep freed memory. glibc's overwrites it if told to (`perturb`), except the blocks that each thread
caches for itself (tcache); that cache can only be turned off when a process starts, hence `overwrite_freed`. Python's
own, for objects of up to 512 bytes, and numpy's, for arrays of up to 1,023 bytes, overwrite nothing: `scrub` fills
their free blocks (python_blocks.py).
"""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import sys
from collections.abc import MutableMapping

import numpy as np

from gallery.python_blocks import fill_free_blocks

log = logging.getLogger(__name__)

VARIABLE = "GLIBC_TUNABLES"
TUNABLES = "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0"
"""165 stands for any byte except 0, which would turn overwriting off."""
BEGUN = "_BIOFUSION_BEGUN_ANEW"
"""Environment variable with the id of a process that has restarted itself, so that it does so only once: if the Python
binary has file capabilities, the loader removes the tunables from the environment again."""

NUMPY_LARGEST, NUMPY_KEPT = 1023, 8
"""Largest size in bytes that numpy caches, and one more than the 7 freed arrays that it keeps of each size."""


def overwrite_freed(environment: MutableMapping[str, str] | None = None) -> None:
    """Restart this process with glibc set to overwrite freed memory, unless it is already, or glibc is not used.

    Call it before anything is opened. Images that set the variable (as `Containerfile` does) need no second start.
    """
    environment = os.environ if environment is None else environment
    wanted = with_tunables(environment.get(VARIABLE, ""))
    if wanted == environment.get(VARIABLE, "") or not _has_glibc():
        return
    process = str(os.getpid())
    if environment.get(BEGUN) == process:
        log.warning("Freed memory is not overwritten: %s was removed from the environment.", VARIABLE)
        return
    begun = {**environment, VARIABLE: wanted, BEGUN: process}
    os.execve(sys.executable, sys.orig_argv, begun)  # noqa: S606 - this same program


def with_tunables(given: str) -> str:
    """The variable's value with TUNABLES added, or as it is if it has them."""
    missing = [each for each in TUNABLES.split(":") if each not in given.split(":")]
    return ":".join([*filter(None, [given]), *missing])


def scrub() -> None:
    """Overwrite the free blocks of Python's and numpy's allocators, and return free memory to the system.

    Takes some tenths of a second of CPU, in pieces between which other threads can run, and 80 MB during that time.
    """
    gc.collect()
    _fill_numpy()
    fill_free_blocks()
    if _has_glibc():
        ctypes.CDLL(None).malloc_trim(0)


def _fill_numpy() -> None:
    for size in range(1, NUMPY_LARGEST + 1):
        kept = [np.zeros(size, np.uint8) for _ in range(NUMPY_KEPT)]
        for each in kept:
            each.fill(0)


def _has_glibc() -> bool:
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
    except (ValueError, OSError):
        return False
