"""What happens to cases by themselves: leases end, cases expire, keys are destroyed, old cases are removed.

What is due is in the index, so that any process goes on after any end.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from biometrics.errors import BiofusionError
from gallery.ending import end
from review.case import CallbackState, Case
from review.changes import settled
from review.reviewing.kept import Kept
from review.reviewing.telling import Telling
from review.states import ReviewState

log = logging.getLogger(__name__)

INTERVAL_S = 1.0
"""Seconds between looks at what is due."""
AT_ONCE = 32
"""Cases that are looked after at once."""
COUNT_S = 60.0
"""Seconds between counts of the cases by state."""


class Upkeep:
    """Looks after cases between `start` and `close`.

    Args:
        kept: what is kept about cases.
        telling: sends callbacks.
    """

    def __init__(self, kept: Kept, telling: Telling) -> None:
        self._kept, self._telling = kept, telling
        self._task: asyncio.Task[None] | None = None
        self._counted_at = 0.0
        self.counts: Mapping[ReviewState, int] = {}
        self.oldest_time = 0.0

    def start(self) -> None:
        """Begin."""
        self._task = self._task or asyncio.create_task(self._run(), name="upkeep of reviews")

    async def close(self) -> None:
        """Stop."""
        if self._task:
            await end(self._task)

    async def look(self) -> None:
        """Do what is due now.

        Raises:
            StoreUnavailable, KeyUnavailable: the store or the key service does not answer.
        """
        now = self._kept.clock()
        due = await self._kept.cases.due(now)
        for first in range(0, len(due), AT_ONCE):
            await asyncio.gather(*(self._try(case, now) for case in due[first : first + AT_ONCE]))

    async def count(self) -> None:
        """Count the cases by state, and find the oldest that is not decided. Raises StoreUnavailable."""
        waiting = [each for each in ReviewState if not each.is_final]
        self.counts = {each: await self._kept.cases.count(each) for each in waiting}
        self.oldest_time = await self._kept.cases.oldest(waiting)

    async def _run(self) -> None:
        is_repaired = False
        while True:
            try:
                if not is_repaired:
                    await self._kept.cases.repair()
                    is_repaired = True
                await self.look()
                if self._kept.clock() >= self._counted_at + COUNT_S:
                    await self.count()
                    self._counted_at = self._kept.clock()
            except BiofusionError as error:
                log.warning("Review cases cannot be looked after: %s", error.message)
            except Exception:
                log.exception("Review cases cannot be looked after")
            await asyncio.sleep(INTERVAL_S)

    async def _try(self, case: Case, now: float) -> None:
        """Do what is due of one case; one that cannot be done now does not hold up the others."""
        try:
            await self._done(case, now)
        except BiofusionError as error:
            log.warning("%s cannot be looked after: %s", case.name, error.message)

    async def _done(self, case: Case, now: float) -> None:
        """Do what is due of one case; each step is a change of it, so that it is not due any more for the same."""
        after = settled(case, now)
        if after.state is not case.state:
            event = "EXPIRED" if after.state is ReviewState.EXPIRED else "LEASE_ENDED"
            await self._kept.witness.happened(case.name, event, case.state)
            case = await self._kept.cases.change(case.name, lambda own: settled(own, now))
        if case.key and (case.state.is_final or case.sealed_expire_time <= now):
            case = await self._kept.unsealed(case)
        if case.callback.state is CallbackState.PENDING and case.callback.next_time <= now:
            case = await self._telling.attempt(case)
        if case.state.is_final and case.update_time + self._kept.options.retention_s <= now:
            await self._kept.remove(case)
