"""Keeps a disposable copy of the store current: loads all subjects, then follows the change feed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Generic

from biometrics.errors import BiofusionError, FeedSetBack, FeedTruncated, FieldInvalid, IndexBehind
from gallery.index.feed_copy import NamedCopy, State
from gallery.index.feed_history import check, missing
from gallery.index.feed_waiting import Waiting
from gallery.index.purging import Purging
from gallery.store.port import SubjectStore
from gallery.store.values import START, Change, ConsistencyToken

log = logging.getLogger(__name__)

BATCH = 500
"""Most changes applied at once."""
WAIT_S = 10.0
"""How long one question for changes waits."""
FIRST_RETRY_S = 0.1
LAST_RETRY_S = 1.0
"""Waits between attempts while the store is down: doubled from the first to the last."""
PURGE_S = 5.0
"""From an erasure until it is let go of: those that come meanwhile share the work."""


class FeedReader(Generic[State]):
    """Loads and follows one store.

    A copy is built aside and published when it is complete. While a reader that is only late builds the next, the
    last one serves; where the store was set back to an earlier state, the last one is not true any more and is
    dropped at once. Every batch of changes is applied before its position is published.

    Args:
        store: the truth.
        new_state: makes an empty copy.
        page_size: subjects per page while loading.
        purge_s: from an erasure to `Copy.purge`.
    """

    def __init__(
        self, store: SubjectStore, new_state: Callable[[], State], page_size: int, purge_s: float = PURGE_S
    ) -> None:
        self._store = store
        self._new_state = new_state
        self._page_size = page_size
        self._copy: NamedCopy[State] | None = None
        self._position = self._taken = START
        self._must_load = True
        self._purges = Purging(purge_s)
        self._waiting = Waiting()
        self.load_count = 0
        self.forgotten_at = float("-inf")
        self.last_error = ""

    @property
    def is_ready(self) -> bool:
        """Whether there is a complete copy to read."""
        return self._copy is not None

    @property
    def is_purged(self) -> bool:
        """Whether nothing is left to be done about what was erased."""
        return self._purges.is_done

    @property
    def position(self) -> ConsistencyToken:
        """The newest change that has been applied."""
        return self._position

    @property
    def state(self) -> State:
        """The newest complete copy.

        Raises:
            IndexBehind: none has been loaded yet.
        """
        return self._loaded.state

    @property
    def _loaded(self) -> NamedCopy[State]:
        if self._copy is None:
            raise IndexBehind("The index is still loading. Try again in a moment.")
        return self._copy

    async def load(self) -> None:
        """Build a new copy from the store and publish it.

        The position is read first: what changes during the load comes again from the feed, and
        applying a subject's newest state twice is applying it once.

        Raises:
            StoreUnavailable: the store does not answer; the last copy stays.
        """
        position, key = await self._store.position(), await self._store.name_key()
        copy = NamedCopy(self._new_state(), key)
        await copy.load(self._store, self._page_size)
        self._copy = copy
        self.load_count += 1
        self._must_load = False
        self._taken = position
        self._publish(position)

    async def run(self) -> None:
        """Load where that has not been done, then follow the feed until cancelled; never ends by an error."""
        retry_s = FIRST_RETRY_S
        while True:
            try:
                if not self._purges.left_s:
                    await self._purges.run(self._copy.state if self._copy else None, self._store.let_go)
                await (self.load() if self._must_load else self._follow())
                retry_s = FIRST_RETRY_S
            except (FeedSetBack, FieldInvalid) as error:  # restored from a backup, or replaced by another store
                self._forget(error)
            except FeedTruncated as error:
                log.warning("The index is rebuilt: %s", error)
                self._must_load = True
            except Exception as error:  # noqa: BLE001 - a tail that ends would leave the index stale for ever
                self._report(error)
                await asyncio.sleep(retry_s)
                retry_s = min(LAST_RETRY_S, 2 * retry_s)

    async def wait_for(self, token: ConsistencyToken, timeout_s: float) -> None:
        """Return when everything up to `token` is applied; see `Waiting.wait_for`."""
        await self._waiting.wait_for(token, timeout_s, self._has_applied, partial(check, self._store))

    async def confirm(self, load_count: int, token: ConsistencyToken) -> None:
        """Ask the store whether all that a search may have seen is in its history.

        Args:
            load_count: `load_count` before the search.
            token: that the search waited for; `START`: the answer is wanted even if the store cannot be asked.

        Raises:
            IndexBehind: it is not, or another copy came meanwhile.
            StoreSetBack: the token's write was lost.
            StoreUnavailable: the store does not answer.
        """
        if load_count != self.load_count or not self.is_ready:
            raise _rebuilt()
        taken = self._taken
        if error := await missing(self._store, taken, token):
            if taken == self._taken:
                self._forget(error)
            raise _rebuilt() from error

    def _has_applied(self, token: ConsistencyToken) -> bool:
        return self._store.reached(self._position, token) and self.is_ready

    async def _follow(self) -> None:
        """Apply the next batch of changes, if one comes before it is time to purge."""
        wait_s = min(WAIT_S, self._purges.left_s)
        changes = await self._store.changes(self._position, BATCH, wait_s)
        if changes and not self._must_load:
            begin = time.monotonic()
            await self._apply(changes)
            await self._waiting.rest(time.monotonic() - begin)
        self.last_error = ""

    async def _apply(self, changes: Sequence[Change]) -> None:
        self._taken = changes[-1].token
        names = list(dict.fromkeys(change.name for change in changes))
        found = await self._store.get_named(names)
        await self._loaded.apply(names, found)
        if len(found) < len(names):
            self._purges.erased()
        self._publish(changes[-1].token)

    def _forget(self, error: Exception) -> None:
        """Answer nothing until a new copy is loaded: the last one may hold whom the store does not know."""
        if self._must_load:
            return
        log.warning("The store was set back or replaced; the index answers nothing until it is loaded anew: %s", error)
        self._copy, self._must_load = None, True
        self.load_count += 1
        self.forgotten_at = time.monotonic()
        self._purges.erased()

    def _publish(self, position: ConsistencyToken) -> None:
        self._position = position
        self.last_error = ""
        self._waiting.applied()

    def _report(self, error: Exception) -> None:
        self.last_error = error.message if isinstance(error, BiofusionError) else type(error).__name__
        log.warning(
            "The index cannot follow the store: %s", self.last_error, exc_info=not isinstance(error, BiofusionError)
        )


def _rebuilt() -> IndexBehind:
    return IndexBehind("The index was loaded anew while it was searched, or is about to be. Try again in a moment.")
