"""Backend in one SQLite file, the default. Several processes may share the file."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from biometrics.template import Modality
from gallery.store.changes import FeedPart, Held, Known, Outcome, Request, Write, Written
from gallery.store.rows import ExpiryRow, SnapshotRow, StoreIdentity, SubjectKey, SubjectRows
from gallery.store.rules import FEED_LENGTH, RECEIPT_TTL_S
from gallery.store.shared_reads import SharedReads
from gallery.store.sqlite import feed, queries, register, schema
from gallery.store.sqlite.documents import SqliteDocuments
from gallery.store.sqlite.file import Connection, at_one_moment
from gallery.store.sqlite.readers import Readers
from gallery.store.sqlite.scan import passes
from gallery.store.sqlite.writing import writes
from gallery.store.sqlite.writing.ledger import Ledger
from gallery.store.sqlite.writing.tidying import Tidying
from gallery.store.sqlite.writing.writer import Writer
from gallery.store.tokens import FeedPosition

T = TypeVar("T")
Question = tuple[SubjectKey, Request]


class SqliteBackend:
    """Partitions, receipts, fusion models and change feeds in one file (`schema.SCHEMA`).

    One thread writes, several others read. Erased rows are overwritten; the write-ahead log is cut when it is unused.

    Args:
        path: the file; made if it does not exist.
        partition_count: of the store, a power of two; 0: what the store has, and 64 for a new one.
        feed_length: fewest changes that are kept, over all partitions.
        receipt_ttl_s: seconds for which a request is remembered.
        busy_timeout_s: seconds that a write waits for other writers of the file.
        clock: returns seconds since 1970, for the age of receipts.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        partition_count: int = 0,
        feed_length: int = FEED_LENGTH,
        receipt_ttl_s: float = RECEIPT_TTL_S,
        busy_timeout_s: float = 5.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path, self._clock, self._receipt_ttl_s = Path(path), clock, receipt_ttl_s
        self._tidying = Tidying(feed_length)
        connect = partial(Connection, self._path, busy_timeout_s, partition_count)
        self._readers = Readers(connect, self._path)
        self._writer = Writer(connect, self._path, self._begin, self._end)
        self.documents = SqliteDocuments(self._readers, self._writer)
        self._questions: SharedReads[Question, Known] = SharedReads(self._answers)
        self._identity: tuple[int, StoreIdentity] | None = None

    @property
    def doubts(self) -> tuple[str, ...]:
        """See Backend. Empty, as every commit is synced to disk."""
        return ()

    async def identity(self) -> StoreIdentity:
        """See Backend. Read again after any reader has opened the file, as it may be another one."""
        known = self._identity
        if known is None or known[0] != self._readers.opened:
            opened = self._readers.opened
            known = self._identity = (opened, await self._readers.call(schema.identity))
        return known[1]

    async def write(self, write: Write) -> Written:
        """See Backend."""
        written = await self._writer.call(partial(writes.write, wanted=write))
        if written.outcome is Outcome.REPLACED:
            self._identity = None
        return written

    async def known(self, key: SubjectKey, request: Request) -> Known:
        """See Backend."""
        return await self._questions.answer((key, request))

    async def read(
        self, keys: Sequence[SubjectKey], modalities: Sequence[Modality], *, encounters: bool
    ) -> list[SubjectRows | None]:
        """See Backend."""
        return await self._read(partial(queries.read, keys=keys, modalities=modalities, encounters=encounters))

    async def ids(self, after: str, limit: int, gallery: str) -> list[str]:
        """See Backend."""
        return await self._read(partial(queries.ids, after=after, limit=limit, gallery=gallery))

    async def scan(
        self, modality: Modality, partitions: Sequence[int], page_size: int
    ) -> AsyncIterator[Sequence[SubjectRows]]:
        """See Backend."""
        count = (await self.identity()).partition_count
        for each in passes(modality, partitions, count, page_size):
            last, rows = await self._read(partial(each.page, after=0))
            while rows:
                yield rows
                last, rows = await self._read(partial(each.page, after=last))

    async def counts(self, gallery: str) -> Mapping[int, int]:
        """See Backend."""
        return await self._read(partial(queries.counts, gallery=gallery))

    async def galleries(self) -> list[str]:
        """See Backend."""
        return await self._read(queries.galleries)

    async def newest(self, partitions: Sequence[int]) -> list[FeedPosition]:
        """See Backend."""
        return await self._read(partial(feed.newest, partitions=partitions))

    async def entries(self, after: FeedPosition, limit: int) -> FeedPart:
        """See Backend."""
        return await self._read(partial(feed.entries, after=after, limit=limit))

    async def held(self, positions: Sequence[FeedPosition]) -> list[Held]:
        """See Backend."""
        return await self._read(partial(feed.held, positions=positions))

    async def renew_epochs(self, seen: Sequence[FeedPosition]) -> None:
        """See Backend."""
        await self._writer.call(lambda ledger: ledger.renew(seen))

    async def key_slots(self, partitions: Sequence[int] = ()) -> Sequence[tuple[int, bytes]]:
        """See Backend."""
        return await self._read(partial(register.key_slots, partitions=partitions))

    async def forget_key_slots(self, partition: int, slots: Sequence[bytes]) -> None:
        """See Backend."""
        await self._change(partial(register.forget_key_slots, partition=partition, slots=slots))

    async def put_snapshot(self, snapshot: SnapshotRow) -> bool:
        """See Backend."""
        return await self._change(partial(register.put_snapshot, snapshot=snapshot))

    async def snapshots(self, modality: Modality, partitions: Sequence[int]) -> Sequence[SnapshotRow]:
        """See Backend."""
        return await self._read(partial(register.snapshots, modality=modality, partitions=partitions))

    async def drop_snapshot(self, snapshot: SnapshotRow) -> None:
        """See Backend."""
        await self._change(partial(register.drop_snapshot, snapshot=snapshot))

    async def expiring(self, before: int, after: ExpiryRow | None, limit: int) -> list[ExpiryRow]:
        """See Backend."""
        return await self._read(partial(queries.expiring, before=before, after=after, limit=limit))

    async def leaving(self, partitions: Sequence[int] = ()) -> list[str]:
        """See Backend."""
        return await self._read(partial(queries.leaving, partitions=partitions))

    async def put_alias(self, alias: str, gallery: str, request: Request) -> Written:
        """See Backend."""
        return await self._put_text("aliases", alias, gallery, request)

    async def aliases(self) -> Mapping[str, str]:
        """See Backend."""
        return await self._read(queries.aliases)

    async def put_model(self, model_id: str, text: str, request: Request) -> Written:
        """See Backend."""
        return await self._put_text("fusion_models", model_id, text, request)

    async def model(self, model_id: str) -> str | None:
        """See Backend."""
        return await self._read(partial(queries.model, model_id=model_id))

    async def model_ids(self, after: str, limit: int) -> list[str]:
        """See Backend."""
        return await self._read(partial(queries.model_ids, after=after, limit=limit))

    async def ping(self) -> None:
        """See Backend."""
        await self._read(schema.identity)

    async def close_idle(self) -> None:
        """See Backend."""
        self._readers.close_idle()
        self._writer.close_idle()

    async def close(self) -> None:
        """See Backend."""
        await self._writer.close()
        await self._readers.close()

    async def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await self._readers.call(at_one_moment(work))

    async def _change(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await self._writer.call(lambda ledger: work(ledger.connection))

    async def _put_text(self, table: str, name: str, text: str, request: Request) -> Written:
        return await self._writer.call(partial(writes.put_text, table=table, name=name, text=text, request=request))

    async def _answers(self, questions: Sequence[Question]) -> Sequence[Known]:
        def answers(connection: sqlite3.Connection) -> list[Known]:
            return [queries.known(connection, *each, self._oldest) for each in questions]

        return await self._read(answers)

    @property
    def _oldest(self) -> float:
        return self._clock() - self._receipt_ttl_s

    def _begin(self, connection: sqlite3.Connection) -> Ledger:
        return Ledger(connection, self._clock(), self._oldest)

    def _end(self, ledger: Ledger) -> None:
        ledger.close()
        self._tidying.after(ledger.connection, ledger.writes, self._oldest)
