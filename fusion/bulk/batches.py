"""Enrols the rows of a batch: those of new subjects with shared transactions, the others one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from contextlib import aclosing

from biometrics.errors import RecordUnreadable
from fusion.bulk.checking import STEP, Parsed, parsed
from fusion.bulk.enrolling import Enroller
from fusion.bulk.sources import Line
from fusion.bulk.work.in_order import in_order, patiently
from fusion.bulk.work.outcomes import REFUSALS, done
from fusion.bulk.work.tools import Tools
from fusion.jobs.parts import Row
from fusion.requests.parallel import in_parallel
from gallery.store.values import Enrolment

ROWS_AT_ONCE = 128
"""Rows of a batch that are enrolled one by one at once."""
PIECES = 4
"""Batches of a large part: large ones share transactions, and small ones end soon if the job is cancelled."""
LEAST = 16
"""Fewest rows of a batch."""


def batches(lines: Sequence[Line]) -> list[Sequence[Line]]:
    """The rows of a part in batches."""
    size = max(LEAST, -(-len(lines) // PIECES))
    return [lines[at : at + size] for at in range(0, len(lines), size)]


class Batch:
    """Rows whose results become known together.

    Args:
        lines: of the rows.
        tools: ports and rules.
        enroller: enrols a row.
    """

    def __init__(self, lines: Sequence[Line], tools: Tools, enroller: Enroller) -> None:
        self._lines, self._tools, self._enroller = lines, tools, enroller
        self._ready: dict[int, Enrolment] = {}
        self._told: dict[int, Row] = {}

    async def rows(self) -> list[Row]:
        """Enrol all of them; returns their results in order. Raises as `Enroller.row`."""
        rows = await parsed(self._lines, self._tools.matchers)
        if not self._enroller.is_alone:
            await self._begin(rows)
            await self._store(rows)
        left = [place for place in range(len(rows)) if place not in self._told]
        async with aclosing(in_order((self._enroller.row(rows[place]) for place in left), ROWS_AT_ONCE)) as results:
            self._told |= dict(zip(left, [each async for each in results], strict=True))
        return [self._told[place] for place in range(len(rows))]

    async def _begin(self, rows: Sequence[Parsed]) -> None:
        """Find out what is to be stored. Of several rows of one subject, the first; the others follow one by one."""
        places: dict[str, int] = {}
        for place, each in enumerate(rows):
            places.setdefault(each.name, place)
        for number, place in enumerate(each for each in places.values() if rows[each].is_checked):
            await self._begin_one(place, rows[place])
            if number % STEP == STEP - 1:
                await asyncio.sleep(0)
        costly = {name: place for name, place in places.items() if not rows[place].is_checked}
        known = await self._known(costly)
        await in_parallel(self._begin_one(place, rows[place]) for name, place in costly.items() if name not in known)

    async def _known(self, names: Collection[str]) -> Collection[str]:
        """Those that are subjects already: their rows are enrolled one by one, which may need no extraction."""
        try:
            return await patiently(lambda: self._tools.store.get_many([*names])) if names else ()
        except RecordUnreadable:
            return names

    async def _begin_one(self, place: int, row: Parsed) -> None:
        did = await self._enroller.begun(row)
        if isinstance(did, Row):
            self._told[place] = did
        else:
            self._ready[place] = did

    async def _store(self, rows: Sequence[Parsed]) -> None:
        """Store what is ready; a row that is not stored is left to be enrolled by itself."""
        try:
            receipts = await patiently(lambda: self._tools.store.enroll_all([*self._ready.values()]))
        except REFUSALS:  # on account of some row, which finds out for itself
            return
        for place, receipt in zip(self._ready, receipts, strict=True):
            if receipt is not None:
                self._told[place] = done(rows[place].number, rows[place].name)
