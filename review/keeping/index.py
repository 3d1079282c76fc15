"""The entries of the index of cases: empty documents, whose keys say all (index_keys.py)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress

from biometrics.errors import DocumentChanged
from gallery.store.documents.port import Document, Documents

INDEX = "review-index"


class Index:
    """Reads, adds and removes entries.

    Args:
        documents: of the store.
    """

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._dropping: set[asyncio.Task[None]] = set()

    async def entries(self, prefix: str, after: str, limit: int) -> list[str]:
        """Up to `limit` keys of a prefix, in order, which continue it by more than `after`; "": from the first."""
        found = await self._documents.list(INDEX, prefix + after if after else "", limit, prefix)
        return [each.key for each in found]

    async def put(self, keys: Iterable[str]) -> None:
        """Add entries; one that is there is left. Raises StoreUnavailable."""
        await asyncio.gather(*(self._put_one(each) for each in keys))

    async def mend(self, keys: Sequence[str]) -> None:
        """Add those of up to 1,000 entries that are not there. Raises StoreUnavailable."""
        found = await self._documents.get_many(INDEX, keys)
        await self.put(key for key, each in zip(keys, found, strict=True) if each is None)

    async def drop(self, keys: Sequence[str]) -> None:
        """Remove entries; one that is gone is no error. Raises StoreUnavailable."""
        found = await self._documents.get_many(INDEX, keys)
        await asyncio.gather(*(self._drop_one(each) for each in found if each))

    def drop_later(self, keys: Sequence[str]) -> None:
        """Remove entries that are behind, which nobody needs to wait for; what is left is found by the next reader."""
        if keys:
            task = asyncio.create_task(self.drop(keys))
            self._dropping.add(task)
            task.add_done_callback(self._dropped)

    async def close(self) -> None:
        """Wait for what is being removed."""
        await asyncio.gather(*self._dropping, return_exceptions=True)

    def _dropped(self, task: asyncio.Task[None]) -> None:
        self._dropping.discard(task)
        if not task.cancelled():
            task.exception()  # known, so that nobody is told of it as unseen

    async def _put_one(self, key: str) -> None:
        with suppress(DocumentChanged):  # it is there
            await self._documents.put(INDEX, key, b"", 0)

    async def _drop_one(self, entry: Document) -> None:
        with suppress(DocumentChanged):  # it is gone
            await self._documents.delete(INDEX, entry.key, entry.version)
