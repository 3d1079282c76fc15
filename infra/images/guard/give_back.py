"""Memory that nobody uses any more, back to the system."""

from __future__ import annotations

import ctypes
import gc

_library = ctypes.CDLL(None)


def give_back() -> None:
    """Free what only refers to itself, and let the C library return what it holds in reserve.

    A call that fails is such garbage: gRPC's context keeps the error that it was aborted with, and its traceback keeps
    the context and the request. Takes tens of milliseconds, so only after much was freed.
    """
    gc.collect()
    if hasattr(_library, "malloc_trim"):  # glibc has it
        _library.malloc_trim(0)
