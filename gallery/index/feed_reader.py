"""Keeps a copy of the store current: loads all subjects, then follows the change feed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from biometrics.errors import (
    BiofusionError,
    FeedSetBack,
    FeedTruncated,
    FieldInvalid,
    IndexBehind,
    StoreSetBack,
    StoreUnavailable,
)
from gallery.change_signal import ChangeSignal, wait_for_event
from gallery.erased_memory import scrub
from gallery.index.collector_pause import uncollected
from gallery.store.keyed_names import subject_name
from gallery.store.port import START, Change, ConsistencyToken, SubjectStore
from gallery.subject import Subject

log = logging.getLogger(__name__)

BATCH = 500
"""Most changes applied at once."""
WAIT_S = 10.0
"""Longest wait, in seconds, of one read of the feed."""
FIRST_RETRY_S = 0.1
LAST_RETRY_S = 1.0
"""Waits between attempts while the store is down: doubled from the first to the last."""
REST, LONGEST_REST_S = 4.0, 0.1
"""Pause after a batch: 4 times as long as the batch took, at most 0.1 s. A continuous stream of changes is thus applied
in larger batches, which rebuild fewer segments. A caller that waits for a change ends the pause."""
PURGE_S = 5.0
"""Seconds from an erasure to its purge; erasures in that time share the purge."""
PURGES, AGAIN = 2, 3
"""Purges after an erasure, the second after three times as long: calls of the first time have freed their buffers."""


class Copy(Protocol):
    """The copy that is kept current. Its methods are called off the event loop, one at a time."""

    def apply(self, states: Mapping[str, Subject | None]) -> None:
        """Replace the data of these subjects; None: the subject is erased."""

    def purge(self) -> None:
        """Free all data of erased subjects."""


State = TypeVar("State", bound=Copy)


class FeedReader(Generic[State]):
    """Loads and follows one store.

    A new copy is built beside the current one and published when it is complete. If the reader has only fallen behind
    the feed, the current copy serves meanwhile; if the store was set back to an earlier state, it may hold subjects
    that the store does not have and is dropped at once. A batch of changes is applied before its position is published.

    Args:
        store: the store to follow.
        new_state: makes an empty copy.
        page_size: subjects per page while loading.
        purge_s: seconds from an erasure to `Copy.purge`.
    """

    def __init__(
        self, store: SubjectStore, new_state: Callable[[], State], page_size: int, purge_s: float = PURGE_S
    ) -> None:
        self._store = store
        self._new_state = new_state
        self._page_size = page_size
        self._purge_s = purge_s
        self._state: State | None = None
        self._ids: dict[bytes, str] = {}
        self._position = self._taken = START
        self._must_load = True
        self._purge_at, self._purges = float("inf"), 0
        self._applied, self._wanted = ChangeSignal(), ChangeSignal()
        self._waiting = 0
        self.load_count = 0
        self.forgotten_at = float("-inf")
        self.last_error = ""

    @property
    def is_ready(self) -> bool:
        """Whether there is a complete copy to read."""
        return self._state is not None

    @property
    def is_purged(self) -> bool:
        """Whether no purge is due."""
        return self._purge_at == float("inf")

    @property
    def position(self) -> ConsistencyToken:
        """Token of the newest change that has been applied."""
        return self._position

    @property
    def state(self) -> State:
        """The newest complete copy.

        Raises:
            IndexBehind: no copy has been loaded yet.
        """
        if self._state is None:
            raise IndexBehind("The index is still loading. Try again in a moment.")
        return self._state

    async def load(self) -> None:
        """Build a new copy from the store and publish it.

        The position is read first, so changes during the load come again from the feed. That does no harm, as
        applying a subject's newest state is idempotent.

        Raises:
            StoreUnavailable: the store does not answer; the current copy stays.
        """
        position, key = await self._store.position(), await self._store.name_key()
        state, ids = self._new_state(), dict[bytes, str]()
        with uncollected():
            page = await self._store.list(self._page_size)
            await _load(state, page.subjects, ids, key)
            while page.next_page_token:
                page = await self._store.list(self._page_size, page.next_page_token)
                await _load(state, page.subjects, ids, key)
        self._state, self._ids = state, ids
        self.load_count += 1
        self._must_load = False
        self._taken = position
        self._publish(position)

    async def run(self) -> None:
        """Load if necessary, then follow the feed until cancelled; errors are logged and retried."""
        retry_s = FIRST_RETRY_S
        while True:
            try:
                if time.monotonic() >= self._purge_at:
                    await self._purge()
                await (self.load() if self._must_load else self._follow())
                retry_s = FIRST_RETRY_S
            except (FeedSetBack, FieldInvalid) as error:  # restored from a backup, or replaced by another store
                self._forget(error)
            except FeedTruncated as error:
                log.warning("The index is rebuilt: %s", error)
                self._must_load = True
            except Exception as error:  # noqa: BLE001 - if the task ended, the index would stay stale for ever
                self._report(error)
                await asyncio.sleep(retry_s)
                retry_s = min(LAST_RETRY_S, 2 * retry_s)

    async def wait_for(self, token: ConsistencyToken, timeout_s: float) -> None:
        """Return when all changes up to `token` are applied.

        Raises:
            IndexBehind: they are not applied within `timeout_s`.
            StoreSetBack: they never will be: the token's write was lost.
            FieldInvalid: the token was not made by this store.
        """
        if self._has_applied(token):
            return
        self._waiting += 1
        self._wanted.notify()
        try:
            await self._until_applied(token, time.monotonic() + timeout_s)
        finally:
            self._waiting -= 1

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
            raise _rebuilt()
        taken = self._taken
        try:
            await self._store.check(*{taken, token})
        except StoreUnavailable:
            if token != START:
                raise
        except (StoreSetBack, FieldInvalid) as error:
            await self._check(token)
            if taken == self._taken:
                self._forget(error)
            raise _rebuilt() from error

    def _has_applied(self, token: ConsistencyToken) -> bool:
        return self._store.reached(self._position, token) and self.is_ready

    async def _until_applied(self, token: ConsistencyToken, deadline: float) -> None:
        while True:
            event = self._applied.next_event
            if self._has_applied(token):
                return
            await self._check(token)
            remaining_s = deadline - time.monotonic()
            if remaining_s <= 0:
                raise IndexBehind("The index has not yet applied this consistency token. Try again in a moment.")
            await wait_for_event(event, remaining_s)

    async def _check(self, token: ConsistencyToken) -> None:
        if token != START:
            await self._store.check(token)

    async def _follow(self) -> None:
        """Apply the next batch of changes, if one comes before the next purge is due."""
        wait_s = min(WAIT_S, max(0.0, self._purge_at - time.monotonic()))
        changes = await self._store.changes(self._position, BATCH, wait_s)
        if changes and not self._must_load:
            begin = time.monotonic()
            await self._apply(changes)
            await self._rest(REST * (time.monotonic() - begin))
        self.last_error = ""

    async def _rest(self, seconds: float) -> None:
        wanted = self._wanted.next_event
        if not self._waiting:
            await wait_for_event(wanted, min(seconds, LONGEST_REST_S))

    async def _apply(self, changes: Sequence[Change]) -> None:
        self._taken = changes[-1].token
        names = list(dict.fromkeys(change.name for change in changes))
        found = await self._store.get_named(names)
        known = {name: subject.subject_id for name, subject in found.items()}
        gone = {name: self._ids[name] for name in names if name not in found and name in self._ids}
        states = {subject_id: found.get(name) for name, subject_id in {**known, **gone}.items()}
        await asyncio.to_thread(self.state.apply, states)
        self._ids.update(known)
        for name in gone:
            self._ids.pop(name, None)
        if len(known) < len(names):
            self._purge_soon()
        self._publish(changes[-1].token)

    async def _purge(self) -> None:
        """Purge the copy, the store's connections and free memory; if it fails, it is due again later."""
        self._purge_at = time.monotonic() + self._purge_s
        if self._state is not None:
            await asyncio.to_thread(self._state.purge)
        await self._store.let_go()
        await asyncio.to_thread(scrub)
        self._purges -= 1
        self._purge_at = time.monotonic() + AGAIN * self._purge_s if self._purges > 0 else float("inf")

    def _forget(self, error: Exception) -> None:
        """Drop the copy until a new one is loaded, as it may hold subjects that the store does not have."""
        if self._must_load:
            return
        log.warning("The store was set back or replaced; the index is not searched until it is reloaded: %s", error)
        self._state, self._ids, self._must_load = None, {}, True
        self.load_count += 1
        self.forgotten_at = time.monotonic()
        self._purge_soon()

    def _purge_soon(self) -> None:
        self._purges = PURGES
        self._purge_at = min(self._purge_at, time.monotonic() + self._purge_s)

    def _publish(self, position: ConsistencyToken) -> None:
        self._position = position
        self.last_error = ""
        self._applied.notify()

    def _report(self, error: Exception) -> None:
        self.last_error = error.message if isinstance(error, BiofusionError) else type(error).__name__
        log.warning(
            "The index cannot follow the store: %s", self.last_error, exc_info=not isinstance(error, BiofusionError)
        )


def _rebuilt() -> IndexBehind:
    return IndexBehind("The index was reloaded during the search, or is about to be. Try again in a moment.")


async def _load(state: Copy, subjects: Sequence[Subject], ids: dict[bytes, str], key: bytes) -> None:
    await asyncio.to_thread(state.apply, {subject.subject_id: subject for subject in subjects})
    ids.update((subject_name(key, subject.subject_id), subject.subject_id) for subject in subjects)
