"""A minimal copy for a feed reader to keep current."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

from gallery.patience import IsWanted, always
from gallery.references import ReferencePage


class Names:
    """A copy that holds the ids; `broken` makes the next `apply` fail."""

    broken = False
    has_room_for_another = True

    def __init__(self, _name_key: bytes) -> None:
        self._known: dict[bytes, str] = {}
        self.erased: set[str] = set()
        self.purged: set[str] = set()
        self.unreadable_count = 0
        self.has_purged = asyncio.Event()
        self.applied: list[list[str]] = []
        self.has_applied = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    @property
    def ids(self) -> set[str]:
        """The ids."""
        return {*self._known.values()}

    def apply(self, page: ReferencePage, gone: Sequence[bytes] = (), cut: Collection[bytes] = ()) -> None:
        """See Copy."""
        if Names.broken:
            Names.broken = False
            raise ZeroDivisionError
        self.applied.append(sorted(page.subject_ids))
        self._loop.call_soon_threadsafe(self.has_applied.set)
        self.erased |= {self._known.pop(name) for name in gone if name in self._known}
        self._known |= zip(map(bytes, page.names), page.subject_ids, strict=True)
        self.unreadable_count += len(page.unreadable)

    def purge(self, goes_on: IsWanted = always) -> bool:
        """See Copy."""
        self.purged |= self.erased
        self._loop.call_soon_threadsafe(self.has_purged.set)
        return True
