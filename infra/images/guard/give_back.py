"""Returns unused memory to the operating system."""

from __future__ import annotations

import ctypes
import gc

_library = ctypes.CDLL(None)


def give_back() -> None:
    """Collect reference cycles, and let the C library return its reserve to the system.

    A failed call leaves such a cycle: gRPC's context keeps the error that it was aborted with, whose traceback keeps
    the context and the request. Takes tens of milliseconds, so it is called only after much was freed.
    """
    gc.collect()
    if hasattr(_library, "malloc_trim"):  # glibc only
        _library.malloc_trim(0)
