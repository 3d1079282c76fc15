"""Keeps a disposable copy of the store current: loads all subjects, then follows the change feed."""

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
"""How long one question for changes waits."""
FIRST_RETRY_S = 0.1
LAST_RETRY_S = 1.0
"""Waits between attempts while the store is down: doubled from the first to the last."""
REST, LONGEST_REST_S = 4.0, 0.1
"""After a batch, so many times as long as it took: changes that come without an end are applied together, as rows are
stacked anew more often the fewer come at a time. Who waits for one ends the rest."""
PURGE_S = 5.0
"""From an erasure until it is let go of: those that come meanwhile share the work."""
PURGES, AGAIN = 2, 3
"""Once more, after three times as long: calls that ran the first time have ended, and with them their buffers."""


class Copy(Protocol):
    """What is kept current. Its methods are run off the event loop, one at a time."""

    def apply(self, states: Mapping[str, Subject | None]) -> None:
        """Replace what is known of these subjects; None: the subject is erased."""

    def purge(self) -> None:
        """Let go of whatever is still held of subjects that were erased."""


State = TypeVar("State", bound=Copy)


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
        """Whether nothing is left to be done about what was erased."""
        return self._purge_at == float("inf")

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
        if self._state is None:
            raise IndexBehind("The index is still loading. Try again in a moment.")
        return self._state

    async def load(self) -> None:
        """Build a new copy from the store and publish it.

        The position is read first: what changes during the load comes again from the feed, and
        applying a subject's newest state twice is applying it once.

        Raises:
            StoreUnavailable: the store does not answer; the last copy stays.
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
        """Load where that has not been done, then follow the feed until cancelled; never ends by an error."""
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
            except Exception as error:  # noqa: BLE001 - a tail that ends would leave the index stale for ever
                self._report(error)
                await asyncio.sleep(retry_s)
                retry_s = min(LAST_RETRY_S, 2 * retry_s)

    async def wait_for(self, token: ConsistencyToken, timeout_s: float) -> None:
        """Return when everything up to `token` is applied.

        Raises:
            IndexBehind: not within `timeout_s`.
            StoreSetBack: that can never be: the write was lost.
            FieldInvalid: the token is not one of this store.
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
            ring = self._applied.next_event
            if self._has_applied(token):
                return
            await self._check(token)
            remaining_s = deadline - time.monotonic()
            if remaining_s <= 0:
                raise IndexBehind("The index has not yet applied this consistency token. Try again in a moment.")
            await wait_for_event(ring, remaining_s)

    async def _check(self, token: ConsistencyToken) -> None:
        if token != START:
            await self._store.check(token)

    async def _follow(self) -> None:
        """Apply the next batch of changes, if one comes before it is time to purge."""
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
        """Anew some time later if it fails."""
        self._purge_at = time.monotonic() + self._purge_s
        if self._state is not None:
            await asyncio.to_thread(self._state.purge)
        await self._store.let_go()
        await asyncio.to_thread(scrub)
        self._purges -= 1
        self._purge_at = time.monotonic() + AGAIN * self._purge_s if self._purges > 0 else float("inf")

    def _forget(self, error: Exception) -> None:
        """Answer nothing until a new copy is loaded: the last one may hold whom the store does not know."""
        if self._must_load:
            return
        log.warning("The store was set back or replaced; the index answers nothing until it is loaded anew: %s", error)
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
    return IndexBehind("The index was loaded anew while it was searched, or is about to be. Try again in a moment.")


async def _load(state: Copy, subjects: Sequence[Subject], ids: dict[bytes, str], key: bytes) -> None:
    await asyncio.to_thread(state.apply, {subject.subject_id: subject for subject in subjects})
    ids.update((subject_name(key, subject.subject_id), subject.subject_id) for subject in subjects)
