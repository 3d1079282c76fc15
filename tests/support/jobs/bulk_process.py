"""`python -m tests.support.jobs.bulk_process FOLDER`: imports and sweeps until it is killed.

FOLDER has the store and the files of `bulk_office`. It prints a line for each row that was done.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

from fusion.bulk.importing import ImportKind
from fusion.bulk.sweep.sweeping import SweepKind
from fusion.bulk.work.tools import Tools
from fusion.jobs.kinds import Context, JobKind
from fusion.jobs.parts import Part, Row
from tests.support.jobs.bulk_office import bulk_office
from tests.support.jobs.office import OPTIONS


class Telling:
    """A kind that says when a row is done.

    Args:
        kind: that does the work.
    """

    def __init__(self, kind: JobKind) -> None:
        self._kind = kind
        self.name, self.validate, self.plan, self.finish = kind.name, kind.validate, kind.plan, kind.finish

    async def work(self, part: Part, context: Context) -> AsyncGenerator[Row, None]:
        """See JobKind."""
        async with aclosing(self._kind.work(part, context)) as rows:
            async for row in rows:
                sys.stdout.write("row\n")
                sys.stdout.flush()
                yield row


def telling_import(tools: Tools) -> JobKind:
    """Imports."""
    return Telling(ImportKind(tools))


def telling_sweep(tools: Tools) -> JobKind:
    """Sweeps."""
    return Telling(SweepKind(tools))


async def main(folder: str) -> None:
    """Work until killed."""
    options = replace(OPTIONS, lease_s=0.5)
    async with bulk_office(Path(folder), telling_import, telling_sweep, options=options):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
