"""Documents in memory whose calls fail at random, before or after they were carried out."""

from __future__ import annotations

import asyncio
import random

from biometrics.errors import DocumentChanged, StoreUnavailable
from gallery.store.documents.port import Document
from tests.support.fakes.memory_documents import MemoryDocuments


class FaultyDocuments(MemoryDocuments):
    """Fails every tenth call or so, until `is_calm`.

    A read fails. A write fails before it is carried out, fails after it, or is carried out and told to be a conflict,
    as when a connection breaks and the client repeats what the server has done. Every call lets others run first.

    Args:
        seed: of the random numbers.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._random = random.Random(seed)
        self.is_calm = False

    async def get(self, collection: str, key: str) -> Document | None:
        """See Documents."""
        await self._fail(0.1)
        return await super().get(collection, key)

    async def list(self, collection: str, after: str, limit: int, prefix: str = "") -> list[Document]:
        """See Documents."""
        await self._fail(0.1)
        return await super().list(collection, after, limit, prefix)

    async def put(self, collection: str, key: str, body: bytes, expected_version: int) -> int:
        """See Documents."""
        await self._fail(0.05)
        version = await super().put(collection, key, body, expected_version)
        await self._fail(0.05)
        if not self.is_calm and self._random.random() < 0.05:
            raise DocumentChanged("A conflict with the write itself.")
        return version

    async def _fail(self, share: float) -> None:
        await asyncio.sleep(0)
        if not self.is_calm and self._random.random() < share:
            raise StoreUnavailable("This call failed.")
