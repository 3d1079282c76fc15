"""gallery.index.collector_pause: no cyclic collection during loads."""

from __future__ import annotations

import gc
import weakref

import pytest

from gallery.index.collector_pause import uncollected


def test_overlapping_loads_end_one_by_one() -> None:
    """The collector is paused until the last load has ended."""
    with uncollected():
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_loaded_objects_are_excluded_from_later_collections() -> None:
    """Loaded objects are in the collector's permanent generation."""
    before = gc.get_freeze_count()
    with uncollected():
        made = [[number] for number in range(1000)]
    assert gc.get_freeze_count() - before >= len(made)


class Node:
    """An object that can be in a cycle."""

    def __init__(self) -> None:
        self.itself = self


def test_garbage_made_during_a_load_is_collected() -> None:
    """A cycle that became garbage during a load is gone after it; one that is in use stays."""
    with uncollected():
        left, used = weakref.ref(Node()), Node()
    assert None is left()
    assert used.itself is used


def test_an_error_ends_a_load() -> None:
    """After an error in a load the collector runs again."""
    with pytest.raises(ZeroDivisionError), uncollected():
        gc.collect(1 // 0)
    assert gc.isenabled()
