"""An index over a SQLite file in a process of its own: `python -m tests.support.stores.searching_process FILE`.

It reads a token per line, waits for it, searches, and prints the number of subjects; for an empty line it waits until
erased data is purged.
"""

from __future__ import annotations

import asyncio
import sys

from biometrics.template import Position
from gallery.erased_memory import overwrite_freed
from gallery.index.exact import ExactIndex
from gallery.store.open_store import open_store
from gallery.store.values import ConsistencyToken
from tests.support.builders import vector
from tests.support.fakes.comparators import VectorComparator


async def main(path: str) -> None:
    """Serve until the input ends."""
    store = open_store(f"sqlite:///{path}")
    index = ExactIndex(store, VectorComparator(), segment_size=64, purge_s=0.3)
    await index.start()
    while line := await asyncio.to_thread(sys.stdin.readline):
        token = ConsistencyToken(line.strip())
        await index.wait_for(token, 60)
        hits = await asyncio.to_thread(index.search, vector([1, 1, 1, 1]), Position.RIGHT_INDEX, "default", 300)
        del hits
        while not token and not index.is_purged:  # noqa: ASYNC110 - purging signals nothing
            await asyncio.sleep(0.01)
        sys.stdout.write(f"{index.count('default')}\n")
        sys.stdout.flush()
    await index.close()
    await store.close()


if __name__ == "__main__":
    overwrite_freed()
    asyncio.run(main(sys.argv[1]))
