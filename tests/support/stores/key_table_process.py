"""`python -m tests.support.stores.key_table_process FILE SEED`: changes a key table until it is killed.

It adds pages, destroys keys, replaces the header and rewrites all pages, and prints a line when each change is done:
`page NUMBER FILL`, `destroyed NUMBER SLOT`, `header TEXT`, `rewritten FILL`. The byte FILL fills all keys of a page.
"""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path

from gallery.sealing.key_table import HEAD, KEY_BYTES, KEYS, KeyRef, PageHead
from gallery.sealing.key_table_file import KeyTableFile

PARTITION = 3


def page(fill: int) -> bytes:
    """A page whose 256 keys all have this byte, not 0."""
    return PageHead(PARTITION, 1, bytes(8)).packed + bytes([fill]) * (KEYS * KEY_BYTES)


def refilled(old: bytes, fill: int) -> bytes:
    """The page with another byte in all keys that are not destroyed."""
    body = old[HEAD.size :]
    keys = [body[start : start + KEY_BYTES] for start in range(0, len(body), KEY_BYTES)]
    return old[: HEAD.size] + b"".join(bytes([fill]) * KEY_BYTES if any(key) else key for key in keys)


def say(*words: object) -> None:
    """Print a line at once."""
    sys.stdout.write(" ".join(str(word) for word in words) + "\n")
    sys.stdout.flush()


async def main(path: str, seed: str) -> None:
    """Change the table until killed."""
    table, rng, count = KeyTableFile(Path(path)), random.Random(int(seed)), 0
    header = await table.header()
    while True:
        kind, fill = rng.choice(["page", "page", "destroy", "header", "rewrap"]), rng.randrange(1, 256)
        if kind == "header" or not header:
            header_before, header = header, f"header-{fill}".encode() * 100
            assert await table.put_header(header, header_before)
            say("header", f"header-{fill}")
        elif kind == "page":
            for number in await table.add_pages([page(fill)] * 2):
                count = number + 1
                say("page", number, fill)
        elif kind == "destroy" and count:
            ref = KeyRef(rng.randrange(count), rng.randrange(KEYS))
            await table.destroy(PARTITION, [ref])
            say("destroyed", ref.page, ref.slot)
        elif kind == "rewrap":
            say("rewriting", fill)
            await table.rewrap(lambda old, fill=fill: refilled(old, fill), lambda *_: None)
            say("rewritten", fill)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
