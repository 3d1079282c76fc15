"""Exact 1:N search over one modality in this process's memory: the adapter of `port.Index`."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Generic

from biometrics.comparison import Comparator, Stack
from biometrics.errors import StoreUnavailable
from biometrics.template import Position, Template
from gallery.ending import end
from gallery.index.content import IndexContent
from gallery.index.feed_reader import PURGE_S, FeedReader
from gallery.index.port import GallerySearch
from gallery.index.search.batch import Batcher
from gallery.index.search.compare import EXHAUSTIVE_ROWS
from gallery.index.search.rank import IndexHit, rank
from gallery.index.search.rounds import Round
from gallery.index.search.score import scored
from gallery.index.search.search import Search, Searching
from gallery.patience import IsWanted, always
from gallery.snapshots.reading import SnapshotReader
from gallery.store.port import SubjectStore
from gallery.store.values import ConsistencyToken

__all__ = ["ExactIndex", "IndexHit"]


NOTICE_S = 3.0
"""Seconds for which an index that dropped its copy, as the store was set back, reports that it is not healthy."""


class ExactIndex(Generic[Stack]):
    """Index of all references in this process's memory.

    Searches that arrive while one is running are answered together, in one pass over the references.

    Args:
        store: the store of the subjects.
        comparator: compares; the index is of its modality.
        page_size: subjects read at once while loading.
        segment_size: most references stacked together.
        threads: threads used by one pass; 0: one per core.
        purge_s: seconds from an erasure to freeing and overwriting its memory.
        exhaustive_rows: as in `Comparing`.
        partitions: of the subjects that it holds; all, if none is named. Positions of other partitions in a consistency
            token are not waited for.
        snapshots: reads the store's snapshots, which are loaded where they can be; None: none are loaded.
    """

    def __init__(
        self,
        store: SubjectStore,
        comparator: Comparator[Stack],
        page_size: int = 4096,
        segment_size: int = 4096,
        threads: int = 0,
        purge_s: float = PURGE_S,
        exhaustive_rows: int = EXHAUSTIVE_ROWS,
        partitions: Sequence[int] = (),
        snapshots: SnapshotReader | None = None,
    ) -> None:
        self._store = store
        self._comparator = comparator
        new_content = partial(IndexContent[Stack], comparator, segment_size)
        self._reader = FeedReader(store, comparator.modality, new_content, page_size, purge_s, partitions, snapshots)
        self._searching = Searching(comparator, threads or os.cpu_count() or 1, exhaustive_rows)
        self._batcher = Batcher[Search, list[IndexHit]](self._answers)
        self._task: asyncio.Task[None] | None = None

    @property
    def is_ready(self) -> bool:
        """See Index."""
        return self._reader.is_ready

    @property
    def is_healthy(self) -> bool:
        """Whether it is ready and has not dropped its copy in the last 3 s, so that a check each second notices it."""
        return self.is_ready and time.monotonic() - self._reader.forgotten_at > NOTICE_S

    @property
    def last_error(self) -> str:
        """See Index."""
        return self._reader.last_error

    @property
    def is_purged(self) -> bool:
        """Whether the index has no erased data left to purge from memory."""
        return self._reader.is_purged

    @property
    def skipped_count(self) -> int:
        """See Index."""
        return self._reader.state.skipped_count if self._reader.is_ready else 0

    @property
    def unreadable_count(self) -> int:
        """See Index."""
        return self._reader.state.unreadable_count if self._reader.is_ready else 0

    @property
    def memory_bytes(self) -> int:
        """Bytes of all arrays that the index holds: stacks and columns; 0 before the first load."""
        return self._reader.state.memory_bytes if self._reader.is_ready else 0

    @property
    def applied(self) -> ConsistencyToken:
        """See Index."""
        return self._reader.position

    async def start(self) -> None:
        """See Index."""
        await self._reader.load()
        self._task = asyncio.create_task(self.run(), name=f"index of {self._comparator.modality}")

    async def run(self) -> None:
        """See Index."""
        await self._reader.run()

    async def close(self) -> None:
        """See Index."""
        task, self._task = self._task, None
        await end(task)
        await asyncio.to_thread(self._searching.close)

    async def wait_for(self, token: ConsistencyToken, timeout_s: float) -> None:
        """See Index."""
        await self._reader.wait_for(token, timeout_s)

    async def require_gallery(self, gallery: str) -> None:
        """See Index."""
        if not self.count(gallery):
            with suppress(StoreUnavailable):
                await self._store.count(gallery)

    @asynccontextmanager
    async def confirmed(self, token: ConsistencyToken) -> AsyncIterator[None]:
        """See Index."""
        load_count = self._reader.load_count
        yield
        await self._reader.confirm(load_count, token)

    def search(
        self, probe: Template, position: Position, gallery: str, limit: int, is_wanted: IsWanted = always
    ) -> list[IndexHit]:
        """See Index."""
        self._comparator.stack([probe])  # so that an unusable probe fails alone, not all that share the pass
        return self._batcher.answer(Search(probe, position, gallery, limit), is_wanted)

    def search_reachable(
        self, probe: Template, position: Position, gallery: str, limit: int, is_wanted: IsWanted = always
    ) -> GallerySearch:
        """See Index; here every partition is searched."""
        return GallerySearch(self.search(probe, position, gallery, limit, is_wanted), self.count(gallery))

    def score_subjects(
        self, probe: Template, position: Position, subject_ids: Sequence[str], is_wanted: IsWanted = always
    ) -> list[IndexHit]:
        """See Index."""
        state, ordinals = self._reader.state.found(subject_ids)
        stack = self._comparator.stack([probe])
        found, searched = scored(stack, position, ordinals, state, self._comparator, is_wanted)
        return rank(found, position, searched, ordinals.size) if found.rows.size else []

    def screen(
        self,
        probe: Template,
        position: Position,
        gallery: str,
        limit: int,
        wanted_rows: int = 0,
        is_wanted: IsWanted = always,
    ) -> Round[Stack]:
        """First round of a search that several indexes make together; for a comparator with a screened share.

        Args:
            probe: as in `Index.search`.
            position: as in `Index.search`.
            gallery: as in `Index.search`.
            limit: as in `Index.search`.
            wanted_rows: number of best screening scores wanted; 0: as many as are fair.
            is_wanted: as in `Index.search`.

        Raises:
            DeadlineExpired, IndexBehind, TemplateMalformed, TemplateModelMismatch: as in `Index.search`.
        """
        return self._searching.screened(
            Search(probe, position, gallery, limit), self._reader.state.state, wanted_rows, is_wanted
        )

    def compare_screened(
        self, known: Round[Stack], position: Position, limit: int, floor: float, is_wanted: IsWanted = always
    ) -> list[IndexHit]:
        """Second round: the best subjects by those of the rows whose screening scores reach the floor.

        Raises:
            DeadlineExpired: the caller no longer waits.
        """
        return self._searching.compared(known, position, limit, floor, is_wanted)

    def _answers(self, searches: Sequence[Search], is_wanted: IsWanted) -> list[list[IndexHit]]:
        return self._searching.answers(searches, self._reader.state.state, is_wanted)

    def count(self, gallery: str) -> int:
        """See Index."""
        return self._reader.state.count(gallery)
