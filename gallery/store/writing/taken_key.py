"""The key of a new subject while its enrolment is tried."""

from __future__ import annotations

from gallery.sealing.key_table import KeyRef
from gallery.sealing.subject_keys import SubjectKeys


class TakenKey:
    """The key that an enrolment has taken for a new subject, so that one is enough however often it is tried."""

    def __init__(self) -> None:
        self._taken: tuple[SubjectKeys, int, KeyRef, bytes] | None = None

    async def of(self, keys: SubjectKeys, partition: int) -> tuple[KeyRef, bytes]:
        """The key, taken from `keys` if none of them was taken yet."""
        if self._taken is None or self._taken[:2] != (keys, partition):
            self._taken = (keys, partition, *await keys.take(partition))
        return self._taken[2:]

    def give_back(self) -> None:
        """Give it back, as nothing was stored with it."""
        if self._taken is not None:
            keys, partition, ref, key = self._taken
            keys.give_back(partition, ref, key)
