"""The port to a record of what happens to cases by itself; what callers do is recorded as their calls."""

from __future__ import annotations

from typing import Protocol


class ReviewWitness(Protocol):
    """Keeps a record."""

    async def happened(self, name: str, event: str, state: str) -> None:
        """Record an event, before it is carried out; again if that is interrupted.

        Args:
            name: of the case.
            event: LEASE_ENDED, EXPIRED, SUBJECT_ERASED, KEY_DESTROYED or REMOVED.
            state: of the case before.

        Raises:
            Unavailable: it cannot be recorded; nothing happens then.
        """
        ...


class Unrecorded:
    """Keeps no records."""

    async def happened(self, _name: str, _event: str, _state: str) -> None:
        """See ReviewWitness."""
