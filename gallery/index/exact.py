"""Exact 1:N search over one modality in this process's memory: the adapter of `port.Index`."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial

from biometrics.comparison import Comparator, Stack
from biometrics.errors import StoreUnavailable
from biometrics.template import Position, Template
from gallery.ending import end
from gallery.index.content import IndexContent
from gallery.index.feed_reader import PURGE_S, FeedReader
from gallery.index.in_rounds import InRounds
from gallery.index.port import GallerySearch
from gallery.index.search.batch import Batcher
from gallery.index.search.compare import EXHAUSTIVE_ROWS
from gallery.index.search.rank import IndexHit
from gallery.index.search.search import Search, Searching
from gallery.index.state import EVERY_GALLERY
from gallery.patience import IsWanted, always
from gallery.snapshots.reading import SnapshotReader
from gallery.store.port import SubjectStore
from gallery.store.values import ConsistencyToken

__all__ = ["ExactIndex", "IndexHit"]


NOTICE_S = 3.0
"""Seconds for which an index that dropped its copy, as the store was set back, reports that it is not healthy."""


class ExactIndex(InRounds[Stack]):
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
        others: comparators of other models of the modality, whose references are held and searched beside.
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
        others: Sequence[Comparator[Stack]] = (),
    ) -> None:
        self._store = store
        self._comparator = comparator
        self._model_ids = [each.model_id for each in (comparator, *others)]
        new_content = partial(IndexContent[Stack], comparator, segment_size, others=others)
        super().__init__(
            FeedReader(store, comparator.modality, new_content, page_size, purge_s, partitions, snapshots),
            Searching(comparator, threads or os.cpu_count() or 1, exhaustive_rows, others),
        )
        self._batcher = Batcher[Search, list[list[IndexHit]]](self._answers)
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
        self,
        probe: Template,
        position: Position,
        gallery: str,
        limit: int,
        is_wanted: IsWanted = always,
    ) -> list[IndexHit]:
        """See Index."""
        return self._hits(Search(probe, position, gallery, limit), is_wanted)[0]

    def search_reachable(
        self,
        probe: Template,
        position: Position,
        gallery: str,
        limit: int,
        is_wanted: IsWanted = always,
        others: Sequence[Template] = (),
    ) -> GallerySearch:
        """See Index; here every partition is searched."""
        search = Search(probe, position, gallery, limit, tuple(others))
        hits, *more = self._hits(search, is_wanted)
        count = self._count([each.model_id for each in search.templates], gallery)
        return GallerySearch(hits, count, others=tuple(more))

    def _hits(self, search: Search, is_wanted: IsWanted) -> list[list[IndexHit]]:
        self._searching.check(search.templates)  # so that an unusable probe fails alone, not all that share the pass
        return self._batcher.answer(search, is_wanted)

    def score_subjects(
        self, probe: Template, position: Position, subject_ids: Sequence[str], is_wanted: IsWanted = always
    ) -> list[IndexHit]:
        """See Index."""
        return self.score_by_each([probe], position, subject_ids, is_wanted)[0]

    def score_by_each(
        self, probes: Sequence[Template], position: Position, subject_ids: Sequence[str], is_wanted: IsWanted = always
    ) -> list[list[IndexHit]]:
        """See Index."""
        state, ordinals = self._reader.state.found(subject_ids)
        search = Search(probes[0], position, EVERY_GALLERY, ordinals.size, tuple(probes[1:]))
        return self._searching.scores(search, ordinals, state, is_wanted)

    def _answers(self, searches: Sequence[Search], is_wanted: IsWanted) -> list[list[list[IndexHit]]]:
        return self._searching.answers(searches, self._reader.state.state, is_wanted)

    def count(self, gallery: str) -> int:
        """See Index."""
        return self._reader.state.count(gallery)

    def models(self) -> list[str]:
        """See Index."""
        return [self._model_ids[number] for number in sorted(self._reader.state.state.models)]

    def count_of(self, model_id: str) -> int:
        """See Index."""
        return self._count([model_id], EVERY_GALLERY)

    def _count(self, model_ids: Sequence[str], gallery: str) -> int:
        numbers = [number for number, each in enumerate(self._model_ids) if each in model_ids]
        return self._reader.state.state.count_of(numbers, gallery)
