"""SubjectStore in one SQLite file, the default store. Several processes may share the file."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from gallery.change_signal import ChangeSignal
from gallery.store import tokens
from gallery.store.record import unpack, unpack_summary
from gallery.store.rules import FEED_LENGTH, RECEIPT_TTL_S, the_subject
from gallery.store.sqlite import feed, queries, writes
from gallery.store.sqlite.earlier_requests import EarlierRequests
from gallery.store.sqlite.erasure import DELAY_S
from gallery.store.sqlite.file import at_one_moment
from gallery.store.sqlite.ledger import Ledger
from gallery.store.sqlite.readers import Readers
from gallery.store.sqlite.watch import POLL_S, Watch
from gallery.store.sqlite.writer import Writer
from gallery.store.values import (
    START,
    Before,
    Change,
    ConsistencyToken,
    Enrolment,
    ModelPage,
    Receipt,
    SubjectPage,
    SummaryPage,
)
from gallery.subject import Subject, SubjectSummary

Listed = TypeVar("Listed", Subject, SubjectSummary)


class SqliteStore:
    """Subjects, memberships, receipts, fusion models and the change feed in one file (`schema.SCHEMA`).

    One thread writes, several others read. Erased data is overwritten in the file (secure_delete), and the write-ahead
    log, which may still hold it, is cut before a deletion is answered. If that fails, or the process ends before it,
    the next process that opens the file, writes, or repeats the deletion does it.

    Args:
        path: the file; made if it does not exist.
        feed_length: fewest changes that are kept.
        receipt_ttl_s: seconds for which a request id is remembered.
        busy_timeout_s: seconds that a write waits for other writers of the file.
        clock: returns seconds since 1970, for the age of receipts.
        rewrite_delay_s: seconds from an erasure to the rewrite of the file, which clears the free parts of its pages.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        feed_length: int = FEED_LENGTH,
        receipt_ttl_s: float = RECEIPT_TTL_S,
        busy_timeout_s: float = 5.0,
        clock: Callable[[], float] = time.time,
        rewrite_delay_s: float = DELAY_S,
    ) -> None:
        def begin(connection: sqlite3.Connection) -> Ledger:
            return Ledger(connection, clock(), feed_length, receipt_ttl_s)

        self._readers = Readers(Path(path), busy_timeout_s)
        self._writer = Writer(Path(path), busy_timeout_s, begin, rewrite_delay_s)
        self._earlier = EarlierRequests(self._readers, clock, receipt_ttl_s)
        self._written = ChangeSignal()
        self._watch = Watch(self.position, self._written)

    @property
    def doubts(self) -> tuple[str, ...]:
        """See SubjectStore. Empty, as every commit is synced to disk."""
        return ()

    async def enroll(self, enrolment: Enrolment) -> Receipt:
        """See SubjectStore."""
        return await self._write(partial(writes.enroll, enrolment=enrolment))

    async def delete(self, subject_id: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore. Returns after the templates have been overwritten in the file and its log."""
        wanted = Receipt(request_id, digest, subject_id, "", START)
        return await self._write(partial(writes.delete, wanted=wanted), erases=True)

    async def before(self, request_id: str, digest: str, subject_id: str) -> Before:
        """See SubjectStore."""
        return await self._earlier.before(request_id, digest, subject_id)

    async def get(self, subject_id: str) -> Subject:
        """See SubjectStore."""
        return the_subject(subject_id, await self.get_many([subject_id]))

    async def get_many(self, subject_ids: Sequence[str]) -> dict[str, Subject]:
        """See SubjectStore."""
        return await self._readers.call(partial(queries.get_many, subject_ids=subject_ids))

    async def get_named(self, names: Sequence[bytes]) -> dict[bytes, Subject]:
        """See SubjectStore."""
        return await self._readers.call(partial(queries.get_named, names=names))

    async def name_key(self) -> bytes:
        """See SubjectStore."""
        return await self._readers.call(queries.name_key)

    async def list(self, page_size: int, page_token: str = "", gallery: str = "") -> SubjectPage:
        """See SubjectStore."""
        return SubjectPage(*await self._page(page_size, page_token, gallery, unpack))

    async def list_summaries(self, page_size: int, page_token: str = "", gallery: str = "") -> SummaryPage:
        """See SubjectStore."""
        return SummaryPage(*await self._page(page_size, page_token, gallery, unpack_summary))

    async def count(self, gallery: str = "") -> int:
        """See SubjectStore."""
        return await self._readers.call(partial(queries.count, gallery=gallery))

    async def put_model(self, model_id: str, text: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore."""
        wanted = Receipt(request_id, digest, model_id, "", START)
        return await self._write(partial(writes.put_model, wanted=wanted, text=text))

    async def delete_model(self, model_id: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore."""
        wanted = Receipt(request_id, digest, model_id, "", START)
        return await self._write(partial(writes.delete_model, wanted=wanted), erases=True)

    async def model(self, model_id: str) -> str:
        """See SubjectStore."""
        return await self._readers.call(partial(queries.model, model_id=model_id))

    async def list_models(self, page_size: int, page_token: str = "") -> ModelPage:
        """See SubjectStore."""
        after = tokens.parse_page_token(page_token, tokens.Listing.MODELS)
        found = await self._readers.call(partial(queries.model_page, after=after, limit=page_size + 1))
        return tokens.model_page(found, page_size)

    async def position(self) -> ConsistencyToken:
        """See SubjectStore."""
        return await self._readers.call(feed.newest)

    async def origin(self) -> ConsistencyToken:
        """See SubjectStore."""
        return tokens.origin(await self.position())

    async def changes(self, after: ConsistencyToken, limit: int, wait_s: float) -> Sequence[Change]:
        """See SubjectStore. A change by this object is seen at once, one by another process within 50 ms."""
        work = at_one_moment(partial(feed.changes, after=after, limit=limit))
        return await self._watch.first_found(partial(self._readers.call, work), wait_s)

    async def check(self, *tokens: ConsistencyToken) -> None:
        """See SubjectStore."""
        await self._readers.call(at_one_moment(partial(feed.check, tokens=tokens)))

    def reached(self, applied: ConsistencyToken, wanted: ConsistencyToken) -> bool:
        """See SubjectStore."""
        return tokens.reached(feed.ADAPTER, applied, wanted)

    async def ping(self) -> None:
        """See SubjectStore. Also continues an erasure that was interrupted."""
        if await self._readers.call(queries.is_erasing):
            self._writer.wake()

    async def overwritten(self) -> None:
        """Return when the file holds no erased data any more."""
        while await self._readers.call(queries.is_erasing):
            self._writer.wake()
            await asyncio.sleep(POLL_S)

    async def close_idle(self) -> None:
        """See SubjectStore."""
        self._readers.close_idle()
        self._writer.close_idle()

    async def close(self) -> None:
        """See SubjectStore."""
        self._watch.close()
        await self._writer.close()
        await self._readers.close()

    async def _page(
        self, page_size: int, page_token: str, gallery: str, read: Callable[[bytes], Listed]
    ) -> tuple[tuple[Listed, ...], str]:
        after = tokens.parse_page_token(page_token, tokens.Listing.SUBJECTS, gallery)
        work = partial(queries.page, after=after, limit=page_size + 1, gallery=gallery, read=read)
        found = await self._readers.call(at_one_moment(work))
        if len(found) <= page_size:
            return tuple(found), ""
        last_id = found[page_size - 1].subject_id
        return tuple(found[:page_size]), tokens.page_token(last_id, tokens.Listing.SUBJECTS, gallery)

    async def _write(self, work: Callable[[Ledger], Receipt], *, erases: bool = False) -> Receipt:
        receipt = await self._writer.call(work, erases=erases)
        self._written.notify()
        return receipt
