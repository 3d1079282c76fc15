"""Where subjects come from when they are moved: another store, a store of an earlier version, an archive."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gallery.store.port import SubjectStore
from gallery.subject import Subject

PAGE = 256
"""Subjects read at once."""


@dataclass(frozen=True, slots=True)
class SourcePage:
    """Some subjects of a source, in order of id.

    Args:
        subjects: the subjects.
        unreadable: ids, or places, of those that cannot be read.
    """

    subjects: Sequence[Subject] = field(repr=False)
    unreadable: Sequence[str] = ()


class Source(Protocol):
    """Subjects, fusion models and aliases of galleries to be moved."""

    async def count(self) -> int:
        """Number of subjects; 0 if it is not known."""

    def pages(self) -> AsyncIterator[SourcePage]:
        """All subjects, each once."""

    def models(self) -> AsyncIterator[tuple[str, str]]:
        """Id and text of each fusion model."""

    async def aliases(self) -> Mapping[str, str]:
        """Aliases, and the galleries they stand for; stores and archives of earlier versions have none."""

    async def close(self) -> None:
        """Release files and connections."""


class StoreSource:
    """The subjects of a store of the present version.

    Args:
        store: the store.
    """

    def __init__(self, store: SubjectStore) -> None:
        self._store = store

    async def count(self) -> int:
        """See Source."""
        return await self._store.count()

    async def pages(self) -> AsyncIterator[SourcePage]:
        """See Source."""
        token, more = "", True
        while more:
            page = await self._store.list(PAGE, token)
            token, more = page.next_page_token, bool(page.next_page_token)
            yield SourcePage(page.subjects, page.unreadable)

    async def models(self) -> AsyncIterator[tuple[str, str]]:
        """See Source."""
        token, more = "", True
        while more:
            page = await self._store.list_models(PAGE, token)
            token, more = page.next_page_token, bool(page.next_page_token)
            for model_id in page.model_ids:
                yield model_id, await self._store.model(model_id)

    async def aliases(self) -> Mapping[str, str]:
        """See Source."""
        return await self._store.aliases()

    async def close(self) -> None:
        """See Source."""
        await self._store.close()
