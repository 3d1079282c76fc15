"""Imports in a process of a test's cluster, which can be held in the midst of them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from fusion.bulk.importing import ImportKind
from fusion.bulk.work.tools import Tools
from fusion.jobs.kinds import Context
from fusion.jobs.parts import Part, Row
from fusion.jobs.work.engine import JobEngine
from tests.support.jobs.bulk_office import bulk_office
from tests.support.jobs.office import OPTIONS

HELD_AFTER = 20
"""Rows of a part after which a process waits."""
POLL_S = 0.02


class HeldImport(ImportKind):
    """Imports. After some rows of a part it makes a file `held-PID`, and waits for a file `go`.

    Args:
        tools: ports and rules.
        folder: of these files.
    """

    def __init__(self, tools: Tools, folder: Path) -> None:
        super().__init__(tools)
        self._folder = folder

    async def work(self, part: Part, context: Context) -> AsyncGenerator[Row, None]:
        """See JobKind."""
        number = 0
        async with aclosing(super().work(part, context)) as rows:
            async for row in rows:
                yield row
                number += 1
                if number == HELD_AFTER:
                    (self._folder / f"held-{os.getpid()}").touch()
                    while not (self._folder / "go").exists():  # noqa: ASYNC110  # the test is another process
                        await asyncio.sleep(POLL_S)


@asynccontextmanager
async def imports(place: str) -> AsyncIterator[JobEngine]:
    """An engine that imports into the store of `bulk_office` in this folder, one part at a time."""
    folder = Path(place)
    options = replace(OPTIONS, workers=1, lease_s=2.0)
    async with bulk_office(folder, lambda tools: HeldImport(tools, folder), options=options) as bulk:
        yield bulk.engine
