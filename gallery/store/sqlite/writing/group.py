"""The writes of one transaction: each is carried out or fails alone, and its caller is told the outcome."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from gallery.store.sqlite.writing.ledger import Ledger

Work = Callable[[Ledger], Any]
"""Carries out one write, and returns what its caller is told."""


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """One write that waits.

    Args:
        work: carries out the write.
        done: future of its result, on the caller's event loop. If it is cancelled before the write begins, nothing is
            written.
    """

    work: Work
    done: asyncio.Future[Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a write: its result, or its error."""

    result: Any = None
    error: Exception | None = None


def outcome_of(connection: sqlite3.Connection, ledger: Ledger, work: Work) -> Outcome:
    """Carry out a write; one that fails changes nothing."""
    connection.execute("SAVEPOINT one")
    try:
        outcome = Outcome(work(ledger))
    except Exception as error:
        if not connection.in_transaction:
            raise  # SQLite has rolled back the whole transaction, e.g. because the disk is full
        connection.execute("ROLLBACK TO one")
        outcome = Outcome(error=error)
    connection.execute("RELEASE one")
    return outcome


def tell(group: Sequence[Waiting], outcomes: Sequence[Outcome]) -> None:
    """Wake each event loop once for all of its callers."""
    loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Outcome]]] = {}
    for write, outcome in zip(group, outcomes, strict=True):
        loops.setdefault(write.done.get_loop(), []).append((write.done, outcome))
    for loop, answers in loops.items():
        with suppress(RuntimeError):  # the loop is closed, so no caller waits
            loop.call_soon_threadsafe(_answer, answers)


def _answer(answers: Sequence[tuple[asyncio.Future[Any], Outcome]]) -> None:
    for done, outcome in answers:
        if done.done():
            continue
        if outcome.error is not None:
            done.set_exception(outcome.error)
        else:
            done.set_result(outcome.result)
