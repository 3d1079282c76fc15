"""Keeps a disposable copy of the store current: loads all subjects, then follows the change feed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from biometrics.errors import BiofusionError, FeedTruncated, FieldInvalid, IndexBehind
from gallery.bell import Bell, wait_for_ring
from gallery.garbage import uncollected
from gallery.store import START, ConsistencyToken, SubjectStore
from gallery.subject import Subject

log = logging.getLogger(__name__)

BATCH = 500
"""Most changes applied at once."""
WAIT_S = 10.0
"""How long one question for changes waits."""
FIRST_RETRY_S = 0.1
LAST_RETRY_S = 5.0
"""Waits between attempts while the store is down: doubled from the first to the last."""


class Copy(Protocol):
    """What is kept current."""

    def apply(self, states: Mapping[str, Subject | None]) -> None:
        """Replace what is known of these subjects; None: the subject is erased. Run off the event loop."""


State = TypeVar("State", bound=Copy)


class FeedReader(Generic[State]):
    """Loads and follows one store.

    A copy is built aside and published when it is complete; until the next is complete, the last
    one serves. Every batch of changes is applied before its position is published.

    Args:
        store: the truth.
        new_state: makes an empty copy.
        page_size: subjects per page while loading.
    """

    def __init__(self, store: SubjectStore, new_state: Callable[[], State], page_size: int) -> None:
        self._store = store
        self._new_state = new_state
        self._page_size = page_size
        self._state: State | None = None
        self._position = START
        self._must_load = True
        self._applied = Bell()
        self.last_error = ""

    @property
    def is_ready(self) -> bool:
        """Whether there is a complete copy to read."""
        return self._state is not None

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
        position = await self._store.position()
        state = self._new_state()
        with uncollected():
            page = await self._store.list(self._page_size)
            await _apply(state, page.subjects)
            while page.next_page_token:
                page = await self._store.list(self._page_size, page.next_page_token)
                await _apply(state, page.subjects)
        self._state = state
        self._must_load = False
        self._publish(position)

    async def run(self) -> None:
        """Load where that has not been done, then follow the feed until cancelled; never ends by an error."""
        retry_s = FIRST_RETRY_S
        while True:
            try:
                await (self.load() if self._must_load else self._follow())
                retry_s = FIRST_RETRY_S
            except (FeedTruncated, FieldInvalid) as error:  # trimmed beyond us, restored, or replaced
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
            FieldInvalid: the token is not one of this store.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            ring = self._applied.next_ring
            if self._store.reached(self._position, token) and self.is_ready:
                return
            remaining_s = deadline - time.monotonic()
            if remaining_s <= 0:
                raise IndexBehind("The index has not yet applied this consistency token. Try again in a moment.")
            await wait_for_ring(ring, remaining_s)

    async def _follow(self) -> None:
        """Apply the next batch of changes, if one comes."""
        changes = await self._store.changes(self._position, BATCH, WAIT_S)
        if changes:
            subject_ids = list(dict.fromkeys(change.subject_id for change in changes))
            found = await self._store.get_many(subject_ids)
            await asyncio.to_thread(self.state.apply, {subject_id: found.get(subject_id) for subject_id in subject_ids})
            self._publish(changes[-1].token)
        self.last_error = ""

    def _publish(self, position: ConsistencyToken) -> None:
        self._position = position
        self.last_error = ""
        self._applied.ring()

    def _report(self, error: Exception) -> None:
        self.last_error = error.message if isinstance(error, BiofusionError) else type(error).__name__
        log.warning(
            "The index cannot follow the store: %s", self.last_error, exc_info=not isinstance(error, BiofusionError)
        )


async def _apply(state: Copy, subjects: Sequence[Subject]) -> None:
    await asyncio.to_thread(state.apply, {subject.subject_id: subject for subject in subjects})
