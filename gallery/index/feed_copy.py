"""The copy of all subjects that a feed reader keeps current, with the subject id of each name in the feed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from gallery.index.collector_pause import uncollected
from gallery.store.keyed_names import subject_name
from gallery.store.port import SubjectStore
from gallery.subject import Subject


class Copy(Protocol):
    """The copy that is kept current. Its methods are called off the event loop, one at a time."""

    def apply(self, states: Mapping[str, Subject | None]) -> None:
        """Replace the data of these subjects; None: the subject is erased."""

    def purge(self) -> None:
        """Free all data of erased subjects."""


State = TypeVar("State", bound=Copy)


class NamedCopy(Generic[State]):
    """A copy, with the subject id of each name that may occur in the feed.

    Args:
        state: an empty copy.
        key: key of the names (gallery/store/keyed_names.py).
    """

    def __init__(self, state: State, key: bytes) -> None:
        self.state = state
        self._key = key
        self._ids: dict[bytes, str] = {}

    async def load(self, store: SubjectStore, page_size: int) -> None:
        """Load all subjects of the store, page by page.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        with uncollected():
            page = await store.list(page_size)
            await self._add(page.subjects)
            while page.next_page_token:
                page = await store.list(page_size, page.next_page_token)
                await self._add(page.subjects)

    async def apply(self, names: Sequence[bytes], found: Mapping[bytes, Subject]) -> None:
        """Apply the current states of the subjects that the feed named.

        Args:
            names: names of the subjects that changed.
            found: those of them that are in the store; the others are erased.
        """
        known = {name: subject.subject_id for name, subject in found.items()}
        gone = {name: self._ids[name] for name in names if name not in found and name in self._ids}
        states = {subject_id: found.get(name) for name, subject_id in {**known, **gone}.items()}
        await asyncio.to_thread(self.state.apply, states)
        self._ids.update(known)
        for name in gone:
            self._ids.pop(name, None)

    async def _add(self, subjects: Sequence[Subject]) -> None:
        await asyncio.to_thread(self.state.apply, {subject.subject_id: subject for subject in subjects})
        self._ids.update((subject_name(self._key, subject.subject_id), subject.subject_id) for subject in subjects)
