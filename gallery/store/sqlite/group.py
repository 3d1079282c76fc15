"""The writes of one transaction: each is carried out or refused alone, and its caller is told the outcome."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from biometrics.errors import StoreUnavailable
from gallery.store.sqlite.ledger import Ledger
from gallery.store.values import Receipt


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """One write that waits.

    Args:
        work: carries out the write.
        erases: whether it is acknowledged only when the data it erased is overwritten.
        done: future of its receipt, on the caller's event loop. If it is cancelled before the write begins, nothing is
            written.
    """

    work: Callable[[Ledger], Receipt]
    erases: bool
    done: asyncio.Future[Receipt]


def outcome_of(
    connection: sqlite3.Connection, ledger: Ledger, work: Callable[[Ledger], Receipt]
) -> Receipt | Exception:
    """The receipt of a write, or its error; a write that is refused or fails changes nothing."""
    before = ledger.state
    connection.execute("SAVEPOINT one")
    try:
        outcome: Receipt | Exception = work(ledger)
    except Exception as error:
        if not connection.in_transaction:
            raise  # SQLite has rolled back the whole transaction, e.g. because the disk is full
        connection.execute("ROLLBACK TO one")
        ledger.state = before
        outcome = error
    connection.execute("RELEASE one")
    return outcome


def tell(group: Sequence[Write], outcomes: Sequence[Receipt | Exception]) -> None:
    """Wake each event loop once for all of its callers."""
    loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Receipt], Receipt | Exception]]] = {}
    for write, outcome in zip(group, outcomes, strict=True):
        loops.setdefault(write.done.get_loop(), []).append((write.done, outcome))
    for loop, answers in loops.items():
        with suppress(RuntimeError):  # the loop is closed, so no caller waits
            loop.call_soon_threadsafe(_answer, answers)


def _answer(answers: Sequence[tuple[asyncio.Future[Receipt], Receipt | Exception]]) -> None:
    for done, outcome in answers:
        if done.done():
            continue
        if isinstance(outcome, Exception):
            done.set_exception(outcome)
        else:
            done.set_result(outcome)


def is_done(outcome: Receipt | Exception) -> bool:
    """Whether the write was carried out."""
    return isinstance(outcome, Receipt)


def held_up() -> StoreUnavailable:
    """The error of a deletion whose data is still in the write-ahead log."""
    return StoreUnavailable(
        "The subject is erased, but its data cannot be overwritten while a reader uses the log: repeat the deletion."
    )
