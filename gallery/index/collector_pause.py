"""Pauses Python's cyclic garbage collector during large loads."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_loads = 0


@contextmanager
def uncollected() -> Iterator[None]:
    """Pause the cyclic collector, then exclude the loaded objects from later collections.

    Otherwise the collector would traverse millions of long-lived entries again and again while they are made, which
    takes a third of a load, and later stop all threads for the time of one traversal. The entries are in no cycles, so
    reference counting frees them. Before the objects are excluded (`gc.freeze`), cyclic garbage is collected once, as
    it would else be kept for ever. Loads of several threads may overlap.
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
