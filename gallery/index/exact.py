"""Exact 1:N search over one modality in this process's memory: the adapter of `port.Index`."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial

from biometrics.comparison import Comparator, Stack
from biometrics.errors import IndexBehind, StoreUnavailable
from biometrics.template import Position, Template
from gallery.ending import end
from gallery.index.content import IndexContent
from gallery.index.feed_reader import PURGE_S, FeedReader
from gallery.index.figures import Figures
from gallery.index.in_rounds import InRounds
from gallery.index.port import GallerySearch
from gallery.index.search.batch import Batcher
from gallery.index.search.compare import EXHAUSTIVE_ROWS
from gallery.index.search.rank import IndexHit
from gallery.index.search.search import Search, Searching
from gallery.index.state import EVERY_GALLERY
from gallery.partitions import partition_of
from gallery.patience import IsWanted, always
from gallery.snapshots.reading import SnapshotReader
from gallery.store.port import SubjectStore
from gallery.store.tokens import parse
from gallery.store.values import ConsistencyToken

__all__ = ["ExactIndex", "IndexHit"]


FULL = "The index has no room for all references. Start it again with more memory."


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
        most_bytes: of memory that its references may fill; 0: any number. If there are more, the partitions of those
            that are left out are named as not searched. Only for an index of all partitions.
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
        most_bytes: int = 0,
    ) -> None:
        self._store = store
        self._comparator = comparator
        self._model_ids = [each.model_id for each in (comparator, *others)]
        new_content = partial(IndexContent[Stack], comparator, segment_size, others=others, most_bytes=most_bytes)
        super().__init__(
            FeedReader(store, comparator.modality, new_content, page_size, purge_s, partitions, snapshots),
            Searching(comparator, threads or os.cpu_count() or 1, exhaustive_rows, others),
        )
        self._batcher = Batcher[Search, list[list[IndexHit]]](self._answers)
        self._task: asyncio.Task[None] | None = None

    @property
    def figures(self) -> Figures:
        """See Index."""
        behind_s = time.monotonic() - self._reader.current_at
        return Figures(self.memory_bytes, behind_s, self._batcher.batch_count, self._batcher.request_count)

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
        hits = self._hits(Search(probe, position, gallery, limit), is_wanted)[0]
        if self.left_out:
            raise IndexBehind(FULL)
        return hits

    def search_reachable(
        self,
        probe: Template,
        position: Position,
        gallery: str,
        limit: int,
        is_wanted: IsWanted = always,
        others: Sequence[Template] = (),
    ) -> GallerySearch:
        """See Index; here every partition is searched but those for which there was no room."""
        search = Search(probe, position, gallery, limit, tuple(others))
        hits, *more = self._hits(search, is_wanted)
        count = self._count([each.model_id for each in search.templates], gallery)
        return GallerySearch(hits, count, self.left_out, tuple(more))  # left out at last: the search may have missed it

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
        content = self._reader.state
        state, ordinals = content.found(subject_ids)
        if (left_out := content.room.left_out) and left_out & self._partitions_of(subject_ids):
            raise IndexBehind(FULL)
        search = Search(probes[0], position, EVERY_GALLERY, ordinals.size, tuple(probes[1:]))
        return self._searching.scores(search, ordinals, state, is_wanted)

    def _answers(self, searches: Sequence[Search], is_wanted: IsWanted) -> list[list[list[IndexHit]]]:
        return self._searching.answers(searches, self._reader.state.state, is_wanted)

    def _partitions_of(self, subject_ids: Sequence[str]) -> set[int]:
        count = len(parse(self.applied, self.applied.partition(".")[0]).of)
        return {partition_of(each, count) for each in subject_ids}

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
