"""A minimal copy for a feed reader to keep current."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from gallery.subject import Subject


class Names:
    """A copy that holds the ids; `broken` makes the next `apply` fail."""

    broken = False

    def __init__(self) -> None:
        self.ids: set[str] = set()
        self.erased: set[str] = set()
        self.purged: set[str] = set()
        self.has_purged = asyncio.Event()
        self.applied: list[list[str]] = []
        self.has_applied = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def apply(self, states: Mapping[str, Subject | None]) -> None:
        """See Copy."""
        if Names.broken:
            Names.broken = False
            raise ZeroDivisionError
        self.applied.append(list(states))
        self._loop.call_soon_threadsafe(self.has_applied.set)
        self.erased |= {subject_id for subject_id, subject in states.items() if subject is None}
        self.ids = (self.ids - set(states)) | {subject_id for subject_id, subject in states.items() if subject}

    def purge(self) -> None:
        """See Copy."""
        self.purged |= self.erased
        self._loop.call_soon_threadsafe(self.has_purged.set)
