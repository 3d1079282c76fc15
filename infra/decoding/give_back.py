"""Memory that was freed, back to the system: the allocator keeps it in its arenas, for years if nobody asks."""

from __future__ import annotations

import ctypes

_library = ctypes.CDLL(None)


def give_back() -> None:
    """Let the C library return what it holds in reserve; milliseconds, so only after much was freed."""
    if hasattr(_library, "malloc_trim"):  # glibc has it
        _library.malloc_trim(0)
