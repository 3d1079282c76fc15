"""What a feed reader keeps current: a copy of all subjects, and whose state each name of the feed is."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from gallery.index.collector_pause import uncollected
from gallery.store.keyed_names import subject_name
from gallery.store.port import SubjectStore
from gallery.subject import Subject


class Copy(Protocol):
    """What is kept current. Its methods are run off the event loop, one at a time."""

    def apply(self, states: Mapping[str, Subject | None]) -> None:
        """Replace what is known of these subjects; None: the subject is erased."""

    def purge(self) -> None:
        """Let go of whatever is still held of subjects that were erased."""


State = TypeVar("State", bound=Copy)


class NamedCopy(Generic[State]):
    """A copy, with the id of the subject behind every name that the feed may have for it.

    Args:
        state: the copy, empty.
        key: of the names (gallery/store/keyed_names.py).
    """

    def __init__(self, state: State, key: bytes) -> None:
        self.state = state
        self._key = key
        self._ids: dict[bytes, str] = {}

    async def load(self, store: SubjectStore, page_size: int) -> None:
        """Take over all subjects of the store, page by page.

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
        """Take over the states of the subjects that the feed named.

        Args:
            names: of subjects that changed.
            found: the state of each of them that is in the store; the others are erased.
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
