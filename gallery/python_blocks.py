"""Overwrites what Python's allocator has free: its blocks, and the ends of its pools.

It divides pools of 16 KiB into blocks of one size, up to 512 bytes, and overwrites nothing. A pool that has become free
is divided anew, maybe into larger blocks. What these leave over at its end, up to 464 bytes, is given to nobody any
more, and keeps the last of the smaller blocks that were there.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

BLOCKS = (*range(48, 513, 16), 32, 16)
"""Sizes in bytes. The first one fills all free pools; small ones hold no data, but may lie where data was."""
BYTES_HEADER = 33
"""Size in bytes of an empty `bytes` object."""
ARENA = 1 << 20
"""Bytes that the allocator requests from the system at once; when it does, all its free blocks are in use."""
FIRST_ARENAS, NEXT_ARENAS = 8, 2
"""Growth of the process, in arenas, by which that is noticed; several, as other threads request memory too."""
AT_ONCE = 4096
"""Blocks filled between two looks at the size of the process."""
POOL, POOL_HEADER = 1 << 14, 48
"""Sizes in bytes, of a CPython of 64 bits from 3.10 on."""


def fill_free_blocks() -> None:
    """Fill the free blocks of every size, and the ends of all pools that had any; returns with all of them free."""
    filled: list[Sequence[object]] = []
    arenas = FIRST_ARENAS
    for block in BLOCKS:
        before = process_bytes()
        while 0 < before > process_bytes() - arenas * ARENA:
            filled.append(_objects(block))
            _fill_ends(filled[-1], block)
        arenas = NEXT_ARENAS


def process_bytes() -> int:
    """Size in bytes of this process's address space; 0 if the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _objects(block: int) -> Sequence[object]:
    """Objects that each take a block of this size, and overwrite it, but for 4 bytes of the smaller ones."""
    if block == 16:
        return [object() for _ in range(AT_ONCE)]
    if block == 32:
        return [(1 << 29) + number for number in range(AT_ONCE)]
    return [bytes(block - BYTES_HEADER) for _ in range(AT_ONCE)]


def _fill_ends(objects: Sequence[object], block: int) -> None:
    """Overwrite the ends of the pools that these are in, unless the places of the objects are not those of pools.

    That is so with another allocator (PYTHONMALLOC), or other sizes of pools: then nothing is written.
    """
    places = np.fromiter(map(id, objects), np.int64, len(objects))
    if ((places % POOL - POOL_HEADER) % block).any():
        return
    end = POOL_HEADER + (POOL - POOL_HEADER) // block * block
    for pool in np.unique(places // POOL).tolist() if end < POOL else ():
        ctypes.memset(pool * POOL + end, 0, POOL - end)
