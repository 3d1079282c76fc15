"""Records whose callers wait until they are on disk, each in an event loop of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from biometrics.errors import AuditUnavailable


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """A record that waits, and the future of its caller."""

    kind: str
    body: bytes
    done: asyncio.Future[None]


def tell(group: Sequence[Waiting], error: OSError | None) -> None:
    """Answer the callers of a group, from another thread than theirs; each event loop is woken once.

    Args:
        group: of one write.
        error: why it failed, which callers get as AuditUnavailable; None: it is on disk.
    """
    loops: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
    for each in group:
        loops.setdefault(each.done.get_loop(), []).append(each.done)
    for loop, futures in loops.items():
        with suppress(RuntimeError):  # the loop is closed, so no caller waits
            loop.call_soon_threadsafe(_answer, futures, error)


def _answer(futures: Sequence[asyncio.Future[None]], error: OSError | None) -> None:
    for done in futures:
        if done.done():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(
                AuditUnavailable("The audit log cannot be written, so nothing is answered. Try again later.")
            )
