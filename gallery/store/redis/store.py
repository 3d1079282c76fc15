"""SubjectStore on a Redis server of version 7 or newer: one script per write, the feed is a stream."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import inf

from gallery.store import tokens
from gallery.store.record import unpack, unpack_summary
from gallery.store.redis import earlier_requests, feed, plans
from gallery.store.redis.erasure import DELAY_S, Rewriting
from gallery.store.redis.keys import Keys
from gallery.store.redis.reader import RedisReader
from gallery.store.redis.server import RedisServer
from gallery.store.redis.writer import RedisWriter
from gallery.store.redis.writes import ANY, Writing
from gallery.store.rules import FEED_LENGTH, RECEIPT_TTL_S, the_subject
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
from gallery.subject import Subject


class RedisStore:
    """Subjects, galleries, receipts, fusion models and the change feed under one key prefix (`keys.Keys`).

    Args:
        url: redis:// or rediss://.
        namespace: prefix of all keys.
        feed_length: fewest changes that are kept.
        receipt_ttl_s: seconds for which a request id is remembered.
        allow_unsafe: accept a server that may lose writes it has acknowledged (`safety.py`).
        left_s: returns the seconds left until the deadline of the current call.
        rewrite_delay_s: seconds from an erasure to the rewrite of the append-only file.
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
        writing = Writing(self._keys, feed_length, round(receipt_ttl_s * 1000))
        self._reader = RedisReader(self._server, self._keys)
        self._writer = RedisWriter(self._server, self._keys, writing)
        self._rewriting = Rewriting(self._server, self._keys, rewrite_delay_s)

    @property
    def doubts(self) -> tuple[str, ...]:
        """See SubjectStore."""
        return self._server.doubts

    async def enroll(self, enrolment: Enrolment) -> Receipt:
        """See SubjectStore. Takes one round trip for a new subject, as the record is first assumed not to exist."""
        encounter_id = enrolment.encounter.encounter_id
        wanted = Receipt(enrolment.request_id, enrolment.digest, enrolment.subject_id, encounter_id, START)
        expected = b"" if enrolment.create_subject else None
        return await self._writer.subject(wanted, partial(plans.enrol, self._keys, enrolment), expected)

    async def delete(self, subject_id: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore. The record is removed at once; a rewrite of the append-only file begins 5 s later."""
        wanted = Receipt(request_id, digest, subject_id, "", START)
        receipt = await self._writer.subject(wanted, partial(plans.erase, self._keys, subject_id), None)
        self._rewriting.schedule()
        return receipt

    async def before(self, request_id: str, digest: str, subject_id: str) -> Before:
        """See SubjectStore."""
        async with self._server.session() as (client, identity):
            return await earlier_requests.before(client, self._keys, identity, request_id, digest, subject_id)

    async def get(self, subject_id: str) -> Subject:
        """See SubjectStore."""
        return the_subject(subject_id, await self.get_many([subject_id]))

    async def get_many(self, subject_ids: Sequence[str]) -> dict[str, Subject]:
        """See SubjectStore."""
        return await self._reader.subjects(subject_ids, unpack)

    async def get_named(self, names: Sequence[bytes]) -> dict[bytes, Subject]:
        """See SubjectStore."""
        return await self._reader.named(names, unpack)

    async def name_key(self) -> bytes:
        """See SubjectStore."""
        async with self._server.session():
            return (await self._server.identify()).name_key

    async def list(self, page_size: int, page_token: str = "", gallery: str = "") -> SubjectPage:
        """See SubjectStore."""
        return SubjectPage(*await self._reader.page(page_size, page_token, gallery, unpack))

    async def list_summaries(self, page_size: int, page_token: str = "", gallery: str = "") -> SummaryPage:
        """See SubjectStore."""
        return SummaryPage(*await self._reader.page(page_size, page_token, gallery, unpack_summary))

    async def count(self, gallery: str = "") -> int:
        """See SubjectStore."""
        return await self._reader.count(gallery)

    async def put_model(self, model_id: str, text: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore."""
        wanted = Receipt(request_id, digest, model_id, "", START)
        return await self._writer.model(wanted, partial(plans.put_model, self._keys, text), ANY)

    async def delete_model(self, model_id: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore."""
        wanted = Receipt(request_id, digest, model_id, "", START)
        receipt = await self._writer.model(wanted, partial(plans.erase_model, self._keys, model_id), None)
        self._rewriting.schedule()
        return receipt

    async def model(self, model_id: str) -> str:
        """See SubjectStore."""
        return await self._reader.model(model_id)

    async def list_models(self, page_size: int, page_token: str = "") -> ModelPage:
        """See SubjectStore."""
        return await self._reader.model_page(page_size, page_token)

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
        """See SubjectStore. Also continues an erasure that was interrupted."""
        async with self._server.session() as (client, _):
            if await client.exists(self._keys("erasing")):
                self._rewriting.schedule()

    async def overwritten(self) -> None:
        """Return when the server's append-only file holds no erased data any more."""
        await self._rewriting.finished()

    async def close_idle(self) -> None:
        """See SubjectStore."""
        await self._server.close_idle()

    async def close(self) -> None:
        """See SubjectStore."""
        await self._rewriting.close()
        await self._server.close()
