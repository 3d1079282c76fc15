"""SubjectStore on a Redis server of version 7 or newer: one script per write, the feed is a stream."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import inf
from typing import TypeVar

from gallery.store import tokens
from gallery.store.record import unpack, unpack_summary
from gallery.store.redis import feed, plans, queries
from gallery.store.redis.erasure import DELAY_S, Rewriting
from gallery.store.redis.keys import Keys, raw
from gallery.store.redis.server import RedisServer
from gallery.store.redis.writer import RedisWriter
from gallery.store.redis.writes import ANY, Writing
from gallery.store.rules import FEED_LENGTH, RECEIPT_TTL_S, fusion_model_not_found, gallery_not_found, the_subject
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
from gallery.subject import DEFAULT_GALLERY, Subject, SubjectSummary

Listed = TypeVar("Listed", Subject, SubjectSummary)


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
            return await queries.before(client, self._keys, identity, request_id, digest, subject_id)

    async def get(self, subject_id: str) -> Subject:
        """See SubjectStore."""
        return the_subject(subject_id, await self.get_many([subject_id]))

    async def get_many(self, subject_ids: Sequence[str]) -> dict[str, Subject]:
        """See SubjectStore."""
        return await self._read_many(subject_ids, unpack)

    async def get_named(self, names: Sequence[bytes]) -> dict[bytes, Subject]:
        """See SubjectStore."""
        if not names:
            return {}
        async with self._server.session() as (client, _):
            found = await queries.read_all(client, [self._keys.named(name) for name in names], unpack)
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
        async with self._server.session() as (client, _):
            text = await client.get(self._keys("model", model_id))
        if text is None:
            raise fusion_model_not_found(model_id)
        return raw(text).decode()

    async def list_models(self, page_size: int, page_token: str = "") -> ModelPage:
        """See SubjectStore."""
        after = tokens.parse_page_token(page_token, tokens.Listing.MODELS)
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

    async def _page(
        self, page_size: int, page_token: str, gallery: str, read: Callable[[bytes], Listed]
    ) -> tuple[tuple[Listed, ...], str]:
        after = tokens.parse_page_token(page_token, tokens.Listing.SUBJECTS, gallery)
        async with self._server.session() as (client, _):
            begin = f"({after}" if after else "-"
            found = await client.zrangebylex(self._keys.ids(gallery), begin, "+", start=0, num=page_size + 1)
        if not found:
            await self.count(gallery)
        ids = [raw(subject_id).decode() for subject_id in found]
        subjects = await self._read_many(ids[:page_size], read)
        if len(ids) <= page_size:
            return tuple(subjects.values()), ""
        return tuple(subjects.values()), tokens.page_token(ids[page_size - 1], tokens.Listing.SUBJECTS, gallery)

    async def _read_many(self, subject_ids: Sequence[str], read: Callable[[bytes], Listed]) -> dict[str, Listed]:
        if not subject_ids:
            return {}
        async with self._server.session() as (client, identity):
            keys = [self._keys.named(identity.name(subject_id)) for subject_id in subject_ids]
            found = await queries.read_all(client, keys, read)
        return {subject_id: subject for subject_id, subject in zip(subject_ids, found, strict=True) if subject}
