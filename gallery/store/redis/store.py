"""SubjectStore on a Redis server, version 7 or newer: one script per write, the feed is a stream."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from math import inf
from typing import TypeVar

from biometrics.errors import StoreUnavailable
from gallery.store import tokens
from gallery.store.port import (
    START,
    Before,
    Change,
    ChangeKind,
    ConsistencyToken,
    Enrolment,
    ModelPage,
    Receipt,
    SubjectPage,
    SummaryPage,
)
from gallery.store.record import pack, unpack, unpack_summary
from gallery.store.redis import feed
from gallery.store.redis.erasure import DELAY_S, Rewriting
from gallery.store.redis.keys import Identity, Keys, raw
from gallery.store.redis.server import RedisServer
from gallery.store.redis.writes import ANY, Plan, Record, Writing, receipt_of
from gallery.store.rules import (
    FEED_LENGTH,
    RECEIPT_TTL_S,
    enrolled,
    fusion_model_not_found,
    gallery_not_found,
    subject_not_found,
)
from gallery.subject import DEFAULT_GALLERY, Subject, SubjectSummary

UNPACKED_AT_ONCE = 8
"""Up to so many records are unpacked on the event loop: that takes less time than to hand them to a thread."""
MAX_STORES = 3
"""How often a write is begun anew because the store has become another one."""

Listed = TypeVar("Listed", Subject, SubjectSummary)


class RedisStore:
    """Subjects, galleries, receipts and the change feed under one key prefix (`redis_keys.Keys`).

    Args:
        url: redis:// or rediss://.
        namespace: prefix of all keys.
        feed_length: how many changes are kept at least.
        receipt_ttl_s: how long a request id is remembered.
        allow_unsafe: take a server that may lose what it has acknowledged (`safety.py`).
        left_s: how many seconds the caller of the moment has left.
        rewrite_delay_s: from an erasure to the rewrite of the append-only file.
    """

    def __init__(
        self,
        url: str,
        namespace: str = "biofusion",
        *,
        feed_length: int = FEED_LENGTH,
        receipt_ttl_s: float = RECEIPT_TTL_S,
        allow_unsafe: bool = False,
        left_s: Callable[[], float] = lambda: inf,
        rewrite_delay_s: float = DELAY_S,
    ) -> None:
        self._keys = Keys(namespace)
        self._server = RedisServer(url, self._keys, allow_unsafe=allow_unsafe, left_s=left_s)
        self._writing = Writing(self._keys, feed_length, round(receipt_ttl_s * 1000))
        self._rewriting = Rewriting(self._server, self._keys, rewrite_delay_s)

    @property
    def doubts(self) -> tuple[str, ...]:
        """See SubjectStore."""
        return self._server.doubts

    async def enroll(self, enrolment: Enrolment) -> Receipt:
        """See SubjectStore. A new subject is taken to be new at first, which is one round trip."""
        encounter_id = enrolment.encounter.encounter_id
        wanted = Receipt(enrolment.request_id, enrolment.digest, enrolment.subject_id, encounter_id, START)
        return await self._write(wanted, partial(self._enrolled, enrolment), b"" if enrolment.create_subject else None)

    async def delete(self, subject_id: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore. The record is gone at once; a rewrite of the append-only file begins 5 s later."""
        wanted = Receipt(request_id, digest, subject_id, "", START)
        receipt = await self._write(wanted, partial(self._erased, subject_id), None)
        self._rewriting.schedule()
        return receipt

    async def before(self, request_id: str, digest: str, subject_id: str) -> Before:
        """See SubjectStore."""
        async with self._server.session() as (client, identity):
            keys = (self._keys.request(request_id), self._keys.named(identity.name(subject_id)))
            async with client.pipeline(transaction=True) as pipe:
                pipe.get(keys[0])
                pipe.exists(keys[1])
                known, exists = await pipe.execute()
        if known is None:
            return Before(None, bool(exists))
        wanted = Receipt(request_id, digest, subject_id, "", START)
        return Before(receipt_of(identity, wanted, raw(known), replayed=True).token, bool(exists))

    async def get(self, subject_id: str) -> Subject:
        """See SubjectStore."""
        found = await self.get_many([subject_id])
        if subject_id not in found:
            raise subject_not_found(subject_id)
        return found[subject_id]

    async def get_many(self, subject_ids: Sequence[str]) -> dict[str, Subject]:
        """See SubjectStore."""
        return await self._read_many(subject_ids, unpack)

    async def get_named(self, names: Sequence[bytes]) -> dict[bytes, Subject]:
        """See SubjectStore."""
        if not names:
            return {}
        async with self._server.session() as (client, _):
            found = await _all_read(await client.mget([self._keys.named(name) for name in names]), unpack)
        return {name: subject for name, subject in zip(names, found, strict=True) if subject}

    async def name_key(self) -> bytes:
        """See SubjectStore."""
        async with self._server.session():
            return (await self._server.identify()).name_key

    async def list(self, page_size: int, page_token: str = "", gallery: str = "") -> SubjectPage:
        """See SubjectStore."""
        return SubjectPage(*await self._page(page_size, page_token, gallery, unpack))

    async def list_summaries(self, page_size: int, page_token: str = "", gallery: str = "") -> SummaryPage:
        """See SubjectStore."""
        return SummaryPage(*await self._page(page_size, page_token, gallery, unpack_summary))

    async def count(self, gallery: str = "") -> int:
        """See SubjectStore."""
        async with self._server.session() as (client, _):
            size = int(await client.zcard(self._keys.ids(gallery)))
            if size or gallery in ("", DEFAULT_GALLERY) or await client.sismember(self._keys("galleries"), gallery):
                return size
        raise gallery_not_found(gallery)

    async def put_model(self, model_id: str, text: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore."""
        record = Record([self._keys("models")], text.encode())
        return await self._write_model(Receipt(request_id, digest, model_id, "", START), lambda _: record, ANY)

    async def delete_model(self, model_id: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore."""

        def erased(current: bytes) -> Record:
            if not current:
                raise fusion_model_not_found(model_id)
            return Record([self._keys("models")])

        receipt = await self._write_model(Receipt(request_id, digest, model_id, "", START), erased, None)
        self._rewriting.schedule()
        return receipt

    async def model(self, model_id: str) -> str:
        """See SubjectStore."""
        async with self._server.session() as (client, _):
            text = await client.get(self._keys("model", model_id))
        if text is None:
            raise fusion_model_not_found(model_id)
        return raw(text).decode()

    async def list_models(self, page_size: int, page_token: str = "") -> ModelPage:
        """See SubjectStore."""
        after = tokens.parse_page_token(page_token)
        async with self._server.session() as (client, _):
            begin = f"({after}" if after else "-"
            found = await client.zrangebylex(self._keys("models"), begin, "+", start=0, num=page_size + 1)
        return tokens.model_page([raw(model_id).decode() for model_id in found], page_size)

    async def position(self) -> ConsistencyToken:
        """See SubjectStore."""
        async with self._server.session() as (client, _):
            return await feed.newest(client, self._keys)

    async def origin(self) -> ConsistencyToken:
        """See SubjectStore."""
        return tokens.origin(await self.position())

    async def changes(self, after: ConsistencyToken, limit: int, wait_s: float) -> Sequence[Change]:
        """See SubjectStore."""
        async with self._server.session(wait_s) as (client, _):
            return await feed.changes(client, self._keys, after, limit, wait_s)

    async def check(self, *tokens: ConsistencyToken) -> None:
        """See SubjectStore."""
        async with self._server.session() as (client, _):
            await feed.check(client, self._keys, tokens)

    def reached(self, applied: ConsistencyToken, wanted: ConsistencyToken) -> bool:
        """See SubjectStore."""
        return tokens.reached(feed.ADAPTER, applied, wanted)

    async def ping(self) -> None:
        """See SubjectStore. An erasure that was cut off is gone on with."""
        async with self._server.session() as (client, _):
            if await client.exists(self._keys("erasing")):
                self._rewriting.schedule()

    async def overwritten(self) -> None:
        """Return when nothing of what has been erased is in the server's append-only file."""
        await self._rewriting.finished()

    async def let_go(self) -> None:
        """See SubjectStore."""
        await self._server.let_go()

    async def close(self) -> None:
        """See SubjectStore."""
        await self._rewriting.close()
        await self._server.close()

    async def _page(
        self, page_size: int, page_token: str, gallery: str, read: Callable[[bytes], Listed]
    ) -> tuple[tuple[Listed, ...], str]:
        after = tokens.parse_page_token(page_token)
        async with self._server.session() as (client, _):
            begin = f"({after}" if after else "-"
            found = await client.zrangebylex(self._keys.ids(gallery), begin, "+", start=0, num=page_size + 1)
        if not found:
            await self.count(gallery)
        ids = [raw(subject_id).decode() for subject_id in found]
        subjects = await self._read_many(ids[:page_size], read)
        return tuple(subjects.values()), tokens.page_token(ids[page_size - 1]) if len(ids) > page_size else ""

    async def _read_many(self, subject_ids: Sequence[str], read: Callable[[bytes], Listed]) -> dict[str, Listed]:
        if not subject_ids:
            return {}
        async with self._server.session() as (client, identity):
            keys = [self._keys.named(identity.name(subject_id)) for subject_id in subject_ids]
            found = await _all_read(await client.mget(keys), read)
        return {subject_id: subject for subject_id, subject in zip(subject_ids, found, strict=True) if subject}

    async def _write(self, wanted: Receipt, plan: Plan, expected: bytes | None) -> Receipt:
        return await self._written(wanted, lambda who: self._keys.named(who.name(wanted.subject_id)), plan, expected)

    async def _write_model(self, wanted: Receipt, plan: Plan, expected: bytes | None) -> Receipt:
        return await self._written(wanted, lambda _: self._keys("model", wanted.subject_id), plan, expected)

    async def _written(
        self, wanted: Receipt, key: Callable[[Identity], str], plan: Plan, expected: bytes | None
    ) -> Receipt:
        async with self._server.session() as (client, known):
            identity = known
            for _ in range(MAX_STORES):
                receipt = await self._writing.write(client, identity, wanted, key(identity), plan, expected)
                if receipt is not None:
                    return receipt
                identity = await self._server.identify()
        raise StoreUnavailable("The store is being set up. Try again.")

    def _enrolled(self, enrolment: Enrolment, current: bytes) -> Record:
        subject = enrolled(unpack(current) if current else None, enrolment)
        sets = [self._keys.ids(gallery) for gallery in ("", *subject.galleries)]
        return Record(sets, pack(subject), ChangeKind.PUT.value, subject.galleries)

    def _erased(self, subject_id: str, current: bytes) -> Record:
        if not current:
            raise subject_not_found(subject_id)
        galleries = unpack(current).galleries
        return Record([self._keys.ids(gallery) for gallery in ("", *galleries)], kind=ChangeKind.DELETE.value)


async def _all_read(records: Sequence[bytes | str | None], read: Callable[[bytes], Listed]) -> Sequence[Listed | None]:
    """What is read of the records, None where there is none; off the event loop where there are many."""

    def work() -> list[Listed | None]:
        return [read(raw(record)) if record else None for record in records]

    return work() if len(records) <= UNPACKED_AT_ONCE else await asyncio.to_thread(work)
