"""Keeps a copy of the store current: loads all subjects, then follows the change feed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Generic

from biometrics.errors import BiofusionError, FeedSetBack, FeedTruncated, FieldInvalid, IndexBehind
from biometrics.template import Modality
from gallery.index.feed_history import advanced, check, missing, reached, rebuilt
from gallery.index.feed_loading import State, apply, load
from gallery.index.feed_waiting import Waiting
from gallery.index.purging import Purging
from gallery.snapshots.loading import Load
from gallery.snapshots.reading import SnapshotReader
from gallery.store.port import SubjectStore
from gallery.store.tokens import NOWHERE, Positions, parse
from gallery.store.values import Change, ConsistencyToken

log = logging.getLogger(__name__)

BATCH = 500
"""Most changes applied at once."""
WAIT_S = 10.0
"""Longest wait, in seconds, of one read of the feed."""
FIRST_RETRY_S = 0.1
LAST_RETRY_S = 1.0
"""Waits between attempts while the store is down: doubled from the first to the last."""
PURGE_S = 5.0
"""Seconds from an erasure to its purge; erasures in that time share the purge."""


class FeedReader(Generic[State]):
    """Loads and follows partitions of one store.

    A new copy is built beside the current one and published when it is complete. If the reader has only fallen behind
    the feed, the current copy serves meanwhile; if the store was set back to an earlier state, it may hold subjects
    that the store does not have and is dropped at once. A batch of changes is applied before its position is published.

    Args:
        store: the store to follow.
        modality: whose references are read.
        new_state: makes an empty copy, given the key of the names (gallery/store/keyed_names.py).
        page_size: subjects per page while loading.
        purge_s: seconds from an erasure to `Copy.purge`.
        partitions: those to follow; all, if none is named.
        snapshots: reads the store's snapshots, which are loaded where they can be; None: none are loaded.
    """

    def __init__(
        self,
        store: SubjectStore,
        modality: Modality,
        new_state: Callable[[bytes], State],
        page_size: int,
        purge_s: float = PURGE_S,
        partitions: Sequence[int] = (),
        snapshots: SnapshotReader | None = None,
    ) -> None:
        self._store = store
        self._modality = modality
        self._new_state = new_state
        self._page_size = page_size
        self._partitions = tuple(partitions)
        self._snapshots = snapshots
        self._copy: State | None = None
        self._applied = self._taken = NOWHERE  # newest changes applied; newest changes applied or being applied
        self._unreadable_count = 0
        self._must_load = True
        self._purges = Purging(purge_s)
        self._waiting = Waiting()
        self.load_count = 0
        self.forgotten_at = float("-inf")
        self.last_error = ""
        self.current_at = time.monotonic()  # when it last had every change of the store

    @property
    def is_ready(self) -> bool:
        """Whether there is a complete copy to read."""
        return self._copy is not None

    @property
    def is_purged(self) -> bool:
        """Whether no purge is due."""
        return self._purges.is_done

    @property
    def position(self) -> ConsistencyToken:
        """Token of the newest change of each partition that has been applied."""
        return self._applied.token

    @property
    def state(self) -> State:
        """The newest complete copy.

        Raises:
            IndexBehind: no copy has been loaded yet.
        """
        if self._copy is None:
            raise IndexBehind("The index is still loading. Try again in a moment.")
        return self._copy

    async def load(self) -> None:
        """Build a new copy from the store and publish it.

        The positions are read first, so changes during the load come again from the feed. That does no harm, as
        applying a subject's newest state is idempotent.

        Raises:
            StoreUnavailable: the store does not answer; the current copy stays.
        """
        if self._copy is not None and not self._copy.has_room_for_another:
            self._drop("Its memory does not hold two copies")
        copy = self._new_state(await self._store.name_key())
        reading = Load(self._store, self._snapshots, self._modality, self._partitions, self._page_size)
        await load(copy, reading.pages())
        self._copy = copy
        self.load_count += 1
        self._must_load = False
        self._taken = parse(reading.token, reading.token.partition(".")[0])
        self._publish(self._taken)

    async def run(self) -> None:
        """Load if necessary, then follow the feed until cancelled; errors are logged and retried."""
        retry_s = FIRST_RETRY_S
        while True:
            try:
                if not self._purges.left_s:
                    await self._purges.run(self._copy, self._store.close_idle)
                await (self.load() if self._must_load else self._follow())
                retry_s = FIRST_RETRY_S
            except (FeedSetBack, FieldInvalid) as error:  # restored from a backup, or replaced by another store
                self._forget(error)
                await self._store.close_idle()  # which also forgets keys: they may have been destroyed
            except FeedTruncated as error:
                log.warning("The index is rebuilt: %s", error)
                self._must_load = True
            except Exception as error:  # noqa: BLE001 - if the task ended, the index would stay stale for ever
                self._report(error)
                await asyncio.sleep(retry_s)
                retry_s = min(LAST_RETRY_S, 2 * retry_s)

    async def wait_for(self, token: ConsistencyToken, timeout_s: float) -> None:
        """Return when all changes up to `token` in the partitions followed are applied; see `Waiting.wait_for`."""
        if not self._has_applied(token):
            self._store.hurry()
        await self._waiting.wait_for(token, timeout_s, self._has_applied, partial(check, self._store))

    async def confirm(self, load_count: int, token: ConsistencyToken) -> None:
        """Check after a search that all changes it may have seen are in the store's history.

        Args:
            load_count: value of `load_count` before the search.
            token: the token that the search waited for; with `START`, a store that does not answer is no error.

        Raises:
            IndexBehind: a change is not in the history, or the copy was replaced meanwhile.
            StoreSetBack: the token's write was lost.
            StoreUnavailable: there is a token, and the store does not answer.
        """
        if load_count != self.load_count or not self.is_ready:
            raise rebuilt()
        taken = self._taken
        if error := await missing(self._store, taken.token, token):
            if taken == self._taken:
                self._forget(error)
            raise rebuilt() from error

    def _has_applied(self, token: ConsistencyToken) -> bool:
        return self.is_ready and reached(self._applied, token, self._partitions)

    async def _follow(self) -> None:
        """Apply the next batch of changes, if one comes before the next purge is due."""
        wait_s = min(WAIT_S, self._purges.left_s)
        changes = await self._store.changes(self.position, BATCH, wait_s)
        if changes and not self._must_load:
            begin = time.monotonic()
            await self._apply(changes)
            await self._waiting.rest(time.monotonic() - begin)
        if len(changes) < BATCH:
            self.current_at = time.monotonic()
        self.last_error = ""

    async def _apply(self, changes: Sequence[Change]) -> None:
        self._taken = advanced(self._applied, changes)
        if await apply(self.state, self._store, self._modality, changes):
            self._purges.erased()
        self._publish(self._taken)

    def _forget(self, error: Exception) -> None:
        """Drop the copy until a new one is loaded, as it may hold subjects that the store does not have."""
        if self._must_load:
            return
        self._drop("The store was set back or replaced", error)

    def _drop(self, why: str, error: Exception | str = "") -> None:
        log.warning("%s; the index is not searched until it is reloaded. %s", why, error)
        self._copy, self._must_load = None, True
        self.load_count += 1
        self.forgotten_at = time.monotonic()
        self._purges.erased()

    def _publish(self, positions: Positions) -> None:
        self._applied = positions
        self.last_error = ""
        unreadable_count, self._unreadable_count = self._unreadable_count, self.state.unreadable_count
        if unreadable_count != self._unreadable_count:
            log.warning("%d subjects cannot be read from the store, and are not searched.", self._unreadable_count)
        self._waiting.applied()

    def _report(self, error: Exception) -> None:
        self.last_error = error.message if isinstance(error, BiofusionError) else type(error).__name__
        log.warning(
            "The index cannot follow the store: %s", self.last_error, exc_info=not isinstance(error, BiofusionError)
        )
