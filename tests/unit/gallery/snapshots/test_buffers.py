"""Memory that is used again."""

from __future__ import annotations

import numpy as np

from gallery.snapshots.buffers import LEAST_BYTES, MOST, Buffers


def test_used_again_when_free() -> None:
    """Memory is handed out again only when no array, and no view of it, is left."""
    buffers = Buffers()
    first = buffers.free(10)
    view = np.frombuffer(first, np.uint8, 4, 2)[1:]
    del first
    second = buffers.free(10)
    assert not np.shares_memory(view, second)
    place = view.ctypes.data
    del view
    assert buffers.free(20).ctypes.data == place - 3


def test_sizes() -> None:
    """Each array has the size that was asked for, also if what is free is too small."""
    buffers = Buffers()
    assert [buffers.free(size).size for size in (0, 5, LEAST_BYTES + 1, 7)] == [0, 5, LEAST_BYTES + 1, 7]


def test_bounded() -> None:
    """It holds on to no more than its number of arrays, whatever is in use."""
    buffers = Buffers()
    used = [buffers.free(1) for _ in range(3 * MOST)]
    assert len({each.ctypes.data for each in used}) == 3 * MOST
    assert len(buffers._all) == MOST
