"""Free blocks of Python's allocator, and the ends of its pools, are overwritten."""

from __future__ import annotations

import ctypes
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import pytest

from gallery.python_blocks import POOL, fill_free_blocks, process_bytes

MARK = b"\xa5mark of test\x5a" * 2
POOLS = 640
"""Of some ten arenas."""
MOST = 100_000
MORE = 4 << 20
"""Growth of the process, in bytes, by which it is noticed that all free blocks are in use."""


def marked(places: set[int]) -> int:
    """In how many of these pools the mark is."""
    return sum(MARK[:14] in ctypes.string_at(pool * POOL, POOL) for pool in places)


def objects(size: int, count: int) -> list[object]:
    """New objects of a size in bytes."""
    return [float(number) if size == 32 else bytes(size - 33) for number in range(count)]


def without_free_blocks(size: int) -> list[object]:
    """Objects in all free blocks of a size: the allocator has asked the system for more."""
    before, kept = process_bytes(), objects(size, 1)
    while process_bytes() < before + MORE:
        kept += objects(size, 1000)
    return kept


def left_in_pools(size: int) -> int:
    """In how many pools the mark is left after they were given back, divided into blocks of a size, and filled.

    Runs in a process of its own: one that ran for long has free pools from before, which the allocator divides first.
    """
    kept = without_free_blocks(size)
    held = [bytes(bytearray(MARK)) for _ in range(POOLS * POOL // 64)]
    before = {id(each) // POOL for each in held}
    held = held[::4096]  # so that their arenas are not given back to the system
    new: list[object] = []
    places: set[int] = set()
    while not marked(places):
        new += objects(size, 50)
        places = {id(each) // POOL for each in new} & before - {id(each) // POOL for each in held}
        assert len(new) < MOST
    del new[::2]
    fill_free_blocks()
    assert held
    assert kept
    return marked(places)


@pytest.mark.parametrize("size", [464, 512, 32])
def test_what_pools_held_before_they_were_divided_anew(size: int) -> None:
    """Data of a pool that was given back and divided into other blocks is overwritten, up to the end of the pool."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        assert 0 == process.submit(left_in_pools, size).result()
