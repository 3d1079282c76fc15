"""Callers who wait until a feed reader has applied a change, and the reader's rest while nobody waits."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from biometrics.errors import IndexBehind
from gallery.change_signal import ChangeSignal, wait_for_event
from gallery.store.values import ConsistencyToken

REST, LONGEST_REST_S = 4.0, 0.1
"""After a batch, so many times as long as it took: changes that come without an end are applied together, as rows are
stacked anew more often the fewer come at a time. Who waits for one ends the rest."""


class Waiting:
    """Those who wait, and the bells that wake them and the reader."""

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
        """Return when everything up to `token` is applied.

        Args:
            token: the position that is waited for.
            timeout_s: the longest wait.
            has_applied: whether everything up to a position is applied.
            check: returns if a position can still be reached, else raises.

        Raises:
            IndexBehind: not within `timeout_s`.
            StoreSetBack: that can never be: the write was lost.
            FieldInvalid: the token is not one of this store.
        """
        if has_applied(token):
            return
        self._count += 1
        self._wanted.notify()
        deadline = time.monotonic() + timeout_s
        try:
            ring = self._applied.next_event
            while not has_applied(token):
                await check(token)
                remaining_s = deadline - time.monotonic()
                if remaining_s <= 0:
                    raise IndexBehind("The index has not yet applied this consistency token. Try again in a moment.")
                await wait_for_event(ring, remaining_s)
                ring = self._applied.next_event
        finally:
            self._count -= 1

    def applied(self) -> None:
        """Tell those who wait that more is applied."""
        self._applied.notify()

    async def rest(self, batch_s: float) -> None:
        """Rest after a batch that took `batch_s`, until somebody waits."""
        wanted = self._wanted.next_event
        if not self._count:
            await wait_for_event(wanted, min(REST * batch_s, LONGEST_REST_S))
