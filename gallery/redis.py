"""SubjectStore on a Redis server, version 7 or newer: one MULTI per write, the feed is a stream."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from redis.asyncio.client import Pipeline

from gallery import redis_feed, redis_models, tokens
from gallery.record import pack, unpack
from gallery.redis_server import Keys, RedisServer, new_store, pack_receipt, raw, store_id, unpack_receipt
from gallery.rules import FEED_LENGTH, RECEIPT_TTL_S, enrolled, require_same_request, subject_not_found
from gallery.store import START, Change, ChangeKind, ConsistencyToken, Enrolment, ModelPage, Receipt, SubjectPage
from gallery.subject import Subject


class RedisStore:
    """Subjects, galleries, receipts and the change feed under one key prefix (`redis_server.Keys`).

    A write reads the subject and the receipt under WATCH and writes all in one MULTI; when another
    write comes between, it is tried anew.

    Args:
        url: redis:// or rediss://.
        namespace: prefix of all keys.
        feed_length: how many changes are kept at least.
        receipt_ttl_s: how long a request id is remembered.
    """

    def __init__(
        self,
        url: str,
        namespace: str = "biofusion",
        *,
        feed_length: int = FEED_LENGTH,
        receipt_ttl_s: float = RECEIPT_TTL_S,
    ) -> None:
        self._keys = Keys(namespace)
        self._server = RedisServer(url, self._keys)
        self._feed_length = feed_length
        self._receipt_ttl_ms = round(receipt_ttl_s * 1000)

    async def enroll(self, enrolment: Enrolment) -> Receipt:
        """See SubjectStore."""
        encounter_id = enrolment.encounter.encounter_id
        wanted = Receipt(enrolment.request_id, enrolment.digest, enrolment.subject_id, encounter_id, START)
        return await self._write(wanted, partial(enrolled, enrolment=enrolment))

    async def delete(self, subject_id: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore."""
        return await self._write(Receipt(request_id, digest, subject_id, "", START), None)

    async def receipt(self, request_id: str) -> Receipt | None:
        """See SubjectStore. The token is the newest position, which contains the write."""
        async with self._server.session() as client:
            value = await client.get(self._keys("request", request_id))
        if value is None:
            return None
        return replace(unpack_receipt(request_id, raw(value)), token=await self.position())

    async def get(self, subject_id: str) -> Subject:
        """See SubjectStore."""
        found = await self.get_many([subject_id])
        if subject_id not in found:
            raise subject_not_found(subject_id)
        return found[subject_id]

    async def get_many(self, subject_ids: Sequence[str]) -> dict[str, Subject]:
        """See SubjectStore."""
        if not subject_ids:
            return {}
        async with self._server.session() as client:
            records = await client.mget([self._keys("subject", subject_id) for subject_id in subject_ids])
        return await asyncio.to_thread(_unpack_all, records)

    async def list(self, page_size: int, page_token: str = "", gallery: str = "") -> SubjectPage:
        """See SubjectStore."""
        after = tokens.parse_page_token(page_token)
        async with self._server.session() as client:
            begin = f"({after}" if after else "-"
            found = await client.zrangebylex(self._keys.ids(gallery), begin, "+", start=0, num=page_size + 1)
        ids = [raw(subject_id).decode() for subject_id in found]
        subjects = await self.get_many(ids[:page_size])
        return SubjectPage(
            tuple(subjects.values()), tokens.page_token(ids[page_size - 1]) if len(ids) > page_size else ""
        )

    async def count(self, gallery: str = "") -> int:
        """See SubjectStore."""
        async with self._server.session() as client:
            return int(await client.zcard(self._keys.ids(gallery)))

    async def put_model(self, model_id: str, text: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore."""
        return await self._write_model(Receipt(request_id, digest, model_id, "", START), text)

    async def delete_model(self, model_id: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore."""
        return await self._write_model(Receipt(request_id, digest, model_id, "", START), None)

    async def model(self, model_id: str) -> str:
        """See SubjectStore."""
        async with self._server.session() as client:
            return await redis_models.get(client, self._keys, model_id)

    async def list_models(self, page_size: int, page_token: str = "") -> ModelPage:
        """See SubjectStore."""
        after = tokens.parse_page_token(page_token)
        async with self._server.session() as client:
            return tokens.model_page(await redis_models.page(client, self._keys, after, page_size + 1), page_size)

    async def position(self) -> ConsistencyToken:
        """See SubjectStore."""
        async with self._server.session() as client:
            return await redis_feed.newest(client, self._keys)

    async def changes(self, after: ConsistencyToken, limit: int, wait_s: float) -> Sequence[Change]:
        """See SubjectStore."""
        async with self._server.session(wait_s) as client:
            return await redis_feed.changes(client, self._keys, after, limit, wait_s)

    def reached(self, applied: ConsistencyToken, wanted: ConsistencyToken) -> bool:
        """See SubjectStore."""
        return tokens.reached(redis_feed.ADAPTER, applied, wanted)

    async def ping(self) -> None:
        """See SubjectStore."""
        async with self._server.session() as client:
            await client.ping()

    async def close(self) -> None:
        """See SubjectStore."""
        await self._server.close()

    async def _write(self, wanted: Receipt, change: Callable[[Subject | None], Subject] | None) -> Receipt:
        """Write what `change` makes of the subject, erase it where `change` is None, or answer from the receipt."""
        attempt = partial(self._attempt, wanted=wanted, change=change)
        receipt = await self._server.write(attempt, f"Subject {wanted.subject_id}")
        return replace(receipt, token=receipt.token or await self.position())

    async def _write_model(self, wanted: Receipt, text: str | None) -> Receipt:
        attempt = partial(
            redis_models.write, keys=self._keys, wanted=wanted, text=text, receipt_ttl_ms=self._receipt_ttl_ms
        )
        receipt = await self._server.write(attempt, f"Fusion model {wanted.subject_id}")
        return replace(receipt, token=await self.position())

    async def _attempt(
        self, pipe: Pipeline, wanted: Receipt, change: Callable[[Subject | None], Subject] | None
    ) -> Receipt:
        read = (self._keys("subject", wanted.subject_id), self._keys("request", wanted.request_id))
        await pipe.watch(*read)
        record, known = await pipe.mget(*read)
        if known is not None:
            return require_same_request(unpack_receipt(wanted.request_id, raw(known)), wanted.digest)
        before = unpack(raw(record)) if record else None
        pipe.multi()  # type: ignore[no-untyped-call]  # redis-py has no hint here
        if change:
            self._put(pipe, change(before))
        elif before:
            self._erase(pipe, before)
        else:
            raise subject_not_found(wanted.subject_id)
        return await self._log(pipe, wanted, ChangeKind.PUT if change else ChangeKind.DELETE)

    def _put(self, pipe: Pipeline, subject: Subject) -> None:
        pipe.set(self._keys("subject", subject.subject_id), pack(subject))
        for gallery in ("", *subject.galleries):
            pipe.zadd(self._keys.ids(gallery), {subject.subject_id: 0})

    def _erase(self, pipe: Pipeline, subject: Subject) -> None:
        pipe.delete(self._keys("subject", subject.subject_id))
        for gallery in ("", *subject.galleries):
            pipe.zrem(self._keys.ids(gallery), subject.subject_id)

    async def _log(self, pipe: Pipeline, wanted: Receipt, kind: ChangeKind) -> Receipt:
        """Keep the receipt, append to the feed, and execute all."""
        pipe.set(self._keys("request", wanted.request_id), pack_receipt(wanted), px=self._receipt_ttl_ms)
        pipe.set(self._keys("store"), new_store(), nx=True)
        pipe.get(self._keys("store"))
        pipe.xadd(
            self._keys("feed"), {"k": kind.value, "s": wanted.subject_id}, maxlen=self._feed_length, approximate=True
        )
        *_, store, entry_id = await pipe.execute()
        number = redis_feed.stream_number(entry_id)
        return replace(wanted, token=tokens.FeedPosition(redis_feed.ADAPTER, store_id(store), number).token)


def _unpack_all(records: Sequence[bytes | str | None]) -> dict[str, Subject]:
    """The subjects of the records that exist, by id, in order."""
    subjects = [unpack(raw(record)) for record in records if record]
    return {subject.subject_id: subject for subject in subjects}
