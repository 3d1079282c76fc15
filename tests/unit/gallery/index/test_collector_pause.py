"""gallery.index.collector_pause: no search for cyclic garbage during loads."""

from __future__ import annotations

import gc
import weakref

import pytest

from gallery.index.collector_pause import uncollected


def test_overlapping_loads_end_one_by_one() -> None:
    """The collector rests until the last load has ended."""
    with uncollected():
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_was_loaded_is_not_searched_again() -> None:
    """It is in the collector's permanent generation."""
    before = gc.get_freeze_count()
    with uncollected():
        made = [[number] for number in range(1000)]
    assert gc.get_freeze_count() - before >= len(made)


class Node:
    """Something that can be in a cycle."""

    def __init__(self) -> None:
        self.itself = self


def test_garbage_of_the_time_of_a_load_is_not_kept() -> None:
    """A cycle that was left during a load is gone after it; one that is in use stays."""
    with uncollected():
        left, used = weakref.ref(Node()), Node()
    assert None is left()
    assert used.itself is used


def test_an_error_ends_a_load() -> None:
    """The collector runs again."""
    with pytest.raises(ZeroDivisionError), uncollected():
        gc.collect(1 // 0)
    assert gc.isenabled()
