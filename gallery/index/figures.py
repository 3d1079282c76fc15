"""What operators see of an index."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figures:
    """Its memory, its delay and its work.

    Args:
        memory_bytes: of all arrays that it holds in this process; 0 before the first load.
        behind_s: seconds since it last had every change of the store, up to 10 while nothing changes; None: unknown.
        pass_count: passes made over the references in this process.
        search_count: searches answered by these passes.
    """

    memory_bytes: int = 0
    behind_s: float | None = None
    pass_count: int = 0
    search_count: int = 0
