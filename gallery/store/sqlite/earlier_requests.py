"""Whether a request was carried out before: asked ahead of every write, by many callers in one read of the file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

from biometrics.errors import BiofusionError
from gallery.store.shared_reads import SharedReads
from gallery.store.sqlite.feed import ADAPTER
from gallery.store.sqlite.file import at_one_moment
from gallery.store.sqlite.ledger import receipt
from gallery.store.sqlite.queries import exists
from gallery.store.sqlite.readers import Readers
from gallery.store.tokens import FeedPosition
from gallery.store.values import Before

Question: TypeAlias = Callable[[sqlite3.Connection], Before]


class EarlierRequests:
    """Answers, for one event loop, whether requests were carried out before.

    Args:
        readers: reads of the file.
        clock: returns seconds since 1970, for the age of receipts.
        receipt_ttl_s: seconds for which a request id is remembered.
    """

    def __init__(self, readers: Readers, clock: Callable[[], float], receipt_ttl_s: float) -> None:
        self._readers, self._clock, self._receipt_ttl_s = readers, clock, receipt_ttl_s
        self._questions: SharedReads[Question, Before] = SharedReads(self._answers)

    async def before(self, request_id: str, digest: str, subject_id: str) -> Before:
        """See SubjectStore."""
        oldest = self._clock() - self._receipt_ttl_s
        question = partial(_before, request_id=request_id, digest=digest, subject_id=subject_id, oldest=oldest)
        return await self._questions.answer(question)

    async def _answers(self, questions: Sequence[Question]) -> Sequence[Before | BiofusionError]:
        return await self._readers.call(at_one_moment(partial(_answered, questions=questions)))


def _before(connection: sqlite3.Connection, request_id: str, digest: str, subject_id: str, oldest: float) -> Before:
    """State of the store before a write; `oldest` as in `receipt`."""
    row = receipt(connection, request_id, digest, oldest)
    (store_id,) = connection.execute("SELECT store_id FROM store").fetchone()
    done = FeedPosition(ADAPTER, store_id, (row[0], 0), row[1]).token if row else None
    return Before(done, exists(connection, subject_id))


def _answered(connection: sqlite3.Connection, questions: Sequence[Question]) -> list[Before | BiofusionError]:
    """Answers to several questions, each of them `_before` of one write, or its error."""
    answers: list[Before | BiofusionError] = []
    for question in questions:
        try:
            answers.append(question(connection))
        except BiofusionError as error:
            answers.append(error)
    return answers
