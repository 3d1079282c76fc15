"""Lets callers wait until a feed reader has applied a change; the reader pauses between batches if none waits."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from biometrics.errors import IndexBehind
from gallery.change_signal import ChangeSignal, wait_for_event
from gallery.store.values import ConsistencyToken

REST, LONGEST_REST_S = 4.0, 0.1
"""Pause after a batch: 4 times as long as the batch took, at most 0.1 s. A continuous stream of changes is thus applied
in larger batches, which rebuild fewer segments. A caller that waits for a change ends the pause."""


class Waiting:
    """The waiting callers, and the signals that wake them and the reader."""

    def __init__(self) -> None:
        self._applied, self._wanted = ChangeSignal(), ChangeSignal()
        self._count = 0

    async def wait_for(
        self,
        token: ConsistencyToken,
        timeout_s: float,
        has_applied: Callable[[ConsistencyToken], bool],
        check: Callable[[ConsistencyToken], Awaitable[None]],
    ) -> None:
        """Return when all changes up to `token` are applied.

        Args:
            token: the position to wait for.
            timeout_s: the longest wait.
            has_applied: whether all changes up to a position are applied.
            check: returns if a position can still be reached, else raises.

        Raises:
            IndexBehind: they are not applied within `timeout_s`.
            StoreSetBack: they never will be: the token's write was lost.
            FieldInvalid: the token was not made by this store.
        """
        if has_applied(token):
            return
        self._count += 1
        self._wanted.notify()
        deadline = time.monotonic() + timeout_s
        try:
            event = self._applied.next_event
            while not has_applied(token):
                await check(token)
                remaining_s = deadline - time.monotonic()
                if remaining_s <= 0:
                    raise IndexBehind("The index has not yet applied this consistency token. Try again in a moment.")
                await wait_for_event(event, remaining_s)
                event = self._applied.next_event
        finally:
            self._count -= 1

    def applied(self) -> None:
        """Wake the waiting callers: more changes have been applied."""
        self._applied.notify()

    async def rest(self, batch_s: float) -> None:
        """Pause after a batch that took `batch_s` seconds, until a caller waits."""
        wanted = self._wanted.next_event
        if not self._count:
            await wait_for_event(wanted, min(REST * batch_s, LONGEST_REST_S))
