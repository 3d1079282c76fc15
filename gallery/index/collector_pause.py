"""Python's search for cyclic garbage, kept out of the way of large loads."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_loads = 0


@contextmanager
def uncollected() -> Iterator[None]:
    """Search for no cyclic garbage meanwhile, and never again among what has been made and is in use at the end.

    Millions of entries that stay are searched over and over while they are made, which takes a third of a load, and
    later stop all threads for as long as one search takes. They are in no cycles: they go as soon as they are not
    used. What is garbage by the end of a load, of whatever else went on meanwhile, is collected before the rest is
    set aside: it would be kept for ever. Loads of several threads may overlap.
    """
    global _loads  # noqa: PLW0603 - the collector is one per process, too
    with _lock:
        _loads += 1
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            _loads -= 1
            if not _loads:
                gc.collect()
                gc.freeze()
                gc.enable()
