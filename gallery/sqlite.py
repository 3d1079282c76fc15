"""SubjectStore in one SQLite file: the embedded default. Several processes may share the file."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from gallery import sqlite_models as models
from gallery import sqlite_queries as queries
from gallery import tokens
from gallery.bell import Bell, wait_for_ring
from gallery.rules import FEED_LENGTH, RECEIPT_TTL_S, subject_not_found
from gallery.sqlite_file import T, Worker, transact
from gallery.store import START, Change, ConsistencyToken, Enrolment, ModelPage, Receipt, SubjectPage
from gallery.subject import Subject

POLL_S = 0.05
"""How often a waiting reader looks for changes that another process wrote."""


class SqliteStore:
    """Subjects, memberships, receipts and the change feed in one file (`sqlite_file.SCHEMA`).

    One thread writes, another reads; both are off the event loop. An erased template is overwritten
    in the file (secure_delete), and the write-ahead log that may still hold it is truncated.

    Args:
        path: the file; made when it does not exist.
        feed_length: how many changes are kept.
        receipt_ttl_s: how long a request id is remembered.
        busy_timeout_s: how long a write waits for the file's other writers.
        clock: seconds since 1970, for the age of receipts.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        feed_length: int = FEED_LENGTH,
        receipt_ttl_s: float = RECEIPT_TTL_S,
        busy_timeout_s: float = 5.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._reader = Worker(Path(path), busy_timeout_s)
        self._writer = Worker(Path(path), busy_timeout_s)
        self._feed_length = feed_length
        self._receipt_ttl_s = receipt_ttl_s
        self._clock = clock
        self._written = Bell()

    async def enroll(self, enrolment: Enrolment) -> Receipt:
        """See SubjectStore."""
        return await self._write(lambda connection, now: queries.enroll(connection, enrolment, now))

    async def delete(self, subject_id: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore. Returns after the templates are overwritten in the file and its log."""
        wanted = Receipt(request_id, digest, subject_id, "", START)
        receipt = await self._write(lambda connection, now: queries.delete(connection, wanted, now))
        await self._writer.call(queries.truncate_log)
        return receipt

    async def receipt(self, request_id: str) -> Receipt | None:
        """See SubjectStore."""
        oldest = self._clock() - self._receipt_ttl_s
        return await self._read(partial(queries.receipt, request_id=request_id, oldest=oldest))

    async def get(self, subject_id: str) -> Subject:
        """See SubjectStore."""
        found = await self.get_many([subject_id])
        if subject_id not in found:
            raise subject_not_found(subject_id)
        return found[subject_id]

    async def get_many(self, subject_ids: Sequence[str]) -> dict[str, Subject]:
        """See SubjectStore."""
        return await self._read(partial(queries.get_many, subject_ids=subject_ids))

    async def list(self, page_size: int, page_token: str = "", gallery: str = "") -> SubjectPage:
        """See SubjectStore."""
        after = tokens.parse_page_token(page_token)
        found = await self._read(partial(queries.page, after=after, limit=page_size + 1, gallery=gallery))
        subjects = tuple(found[:page_size])
        return SubjectPage(subjects, tokens.page_token(subjects[-1].subject_id) if len(found) > page_size else "")

    async def count(self, gallery: str = "") -> int:
        """See SubjectStore."""
        return await self._read(partial(queries.count, gallery=gallery))

    async def put_model(self, model_id: str, text: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore."""
        wanted = Receipt(request_id, digest, model_id, "", START)
        return await self._write(lambda connection, now: models.put(connection, wanted, text, now))

    async def delete_model(self, model_id: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore."""
        wanted = Receipt(request_id, digest, model_id, "", START)
        return await self._write(lambda connection, now: models.delete(connection, wanted, now))

    async def model(self, model_id: str) -> str:
        """See SubjectStore."""
        return await self._read(partial(models.get, model_id=model_id))

    async def list_models(self, page_size: int, page_token: str = "") -> ModelPage:
        """See SubjectStore."""
        after = tokens.parse_page_token(page_token)
        return tokens.model_page(await self._read(partial(models.page, after=after, limit=page_size + 1)), page_size)

    async def position(self) -> ConsistencyToken:
        """See SubjectStore."""
        return await self._read(queries.newest)

    async def changes(self, after: ConsistencyToken, limit: int, wait_s: float) -> Sequence[Change]:
        """See SubjectStore. A change of this object is seen at once, of another process within `POLL_S`."""
        deadline = time.monotonic() + wait_s
        while True:
            written = self._written.next_ring
            found = await self._read(partial(queries.changes, after=after, limit=limit))
            remaining_s = deadline - time.monotonic()
            if found or remaining_s <= 0:
                return found
            await wait_for_ring(written, min(POLL_S, remaining_s))

    def reached(self, applied: ConsistencyToken, wanted: ConsistencyToken) -> bool:
        """See SubjectStore."""
        return tokens.reached(queries.ADAPTER, applied, wanted)

    async def ping(self) -> None:
        """See SubjectStore."""
        await self._read(queries.newest)

    async def close(self) -> None:
        """See SubjectStore."""
        await self._reader.close()
        await self._writer.close()

    async def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await self._reader.call(partial(transact, work=work, mode="DEFERRED"))

    async def _write(self, work: Callable[[sqlite3.Connection, float], Receipt]) -> Receipt:
        now = self._clock()

        def work_and_prune(connection: sqlite3.Connection) -> Receipt:
            queries.forget_receipts(connection, now - self._receipt_ttl_s)
            receipt = work(connection, now)
            queries.trim_feed(connection, self._feed_length)
            return receipt

        receipt = await self._writer.call(partial(transact, work=work_and_prune, mode="IMMEDIATE"))
        self._written.ring()
        return receipt
