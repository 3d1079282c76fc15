"""A backend during whose scan something else happens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from biometrics.template import Modality
from gallery.store.backend import SubjectRows
from tests.support.fakes.memory_backend import MemoryBackend

Work = Callable[[], Awaitable[None]]


class MeanwhileBackend(MemoryBackend):
    """Runs something once, after the first page of a scan was read."""

    meanwhile: Work | None = None

    async def scan(
        self, modality: Modality, partitions: Sequence[int], page_size: int
    ) -> AsyncIterator[Sequence[SubjectRows]]:
        """See Backend."""
        async for page in super().scan(modality, partitions, page_size):
            yield page
            if work := self.meanwhile:
                self.meanwhile = None
                await work()
