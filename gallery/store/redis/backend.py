"""Backend in Redis: one server, the primary that Sentinels name, or a cluster."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from math import inf

from biometrics.errors import StoreUnavailable
from biometrics.template import Modality
from gallery.store.changes import FeedPart, Held, Known, Outcome, Request, Write, Written
from gallery.store.redis.connections.access import Access, Demands
from gallery.store.redis.connections.commands import Command
from gallery.store.redis.connections.nodes import Nodes
from gallery.store.redis.documents.adapter import RedisDocuments
from gallery.store.redis.expiring import Expiring
from gallery.store.redis.feeds import Feeds
from gallery.store.redis.identifying import Identifying
from gallery.store.redis.keys import Keys
from gallery.store.redis.listing import Listing
from gallery.store.redis.reads import Reads
from gallery.store.redis.snapshots import Snapshots
from gallery.store.redis.writes import MODELS, alias_command, model_command, write_command, written
from gallery.store.rows import ExpiryRow, SnapshotRow, StoreIdentity, SubjectKey, SubjectRows
from gallery.store.rules import FEED_LENGTH, RECEIPT_TTL_S
from gallery.store.tokens import FeedPosition

NAMESPACE = "biofusion"
MAX_STORES = 3  # tries of a call if the store is replaced by another one meanwhile


class RedisBackend:
    """Backend in one namespace of Redis. Nothing is connected before the first call.

    Args:
        url: as connections/address.py reads it.
        namespace: what the keys begin with.
        access: who connects.
        demands: what the servers must do to keep writes.
        partition_count: of a new store; 0: 64, and any that the store has.
        feed_length: fewest changes that the feed of a partition keeps.
        receipt_ttl_s: seconds for which a request id is remembered.
        left_s: returns the seconds left until the deadline of the current call.

    Raises:
        ConfigurationInvalid: the URL or the number of partitions cannot be used.
    """

    def __init__(
        self,
        url: str,
        namespace: str = NAMESPACE,
        *,
        access: Access | None = None,
        demands: Demands | None = None,
        partition_count: int = 0,
        feed_length: int = FEED_LENGTH,
        receipt_ttl_s: float = RECEIPT_TTL_S,
        left_s: Callable[[], float] = lambda: inf,
    ) -> None:
        self._keys = keys = Keys(namespace)
        self._nodes = nodes = Nodes(url, keys.tag, access or Access(), demands or Demands(), left_s)
        self._feed_length, self._ttl_ms = feed_length, round(receipt_ttl_s * 1000)
        self._identifying = Identifying(nodes, keys, partition_count)
        self._reads, self._listing = Reads(nodes, keys), Listing(nodes, keys)
        self._expiring = Expiring(nodes, keys)
        self.documents = RedisDocuments(nodes, keys, self._identifying)
        self._feeds, self._snapshots = Feeds(nodes, keys), Snapshots(nodes, keys)

    @property
    def doubts(self) -> tuple[str, ...]:
        """See Backend."""
        return self._nodes.doubts

    async def identity(self) -> StoreIdentity:
        """See Backend."""
        return await self._identifying.identity()

    async def write(self, write: Write) -> Written:
        """See Backend. Takes one round trip, which concurrent writes to the same server share."""
        command = write_command(self._keys, await self.identity(), write, self._feed_length, self._ttl_ms)
        done = written(write.key.partition, await self._nodes.write(write.key.partition, command))
        if done.outcome is Outcome.REPLACED:
            self._identifying.forget()
        return done

    async def known(self, key: SubjectKey, request: Request) -> Known:
        """See Backend."""
        await self.identity()
        return await self._reads.known(key, request)

    async def read(
        self, keys: Sequence[SubjectKey], modalities: Sequence[Modality], *, encounters: bool
    ) -> list[SubjectRows | None]:
        """See Backend."""
        await self.identity()
        return await self._reads.read(keys, modalities, encounters=encounters)

    async def ids(self, after: str, limit: int, gallery: str) -> list[str]:
        """See Backend."""
        return await self._listing.ids((await self.identity()).partition_count, after, limit, gallery)

    async def scan(
        self, modality: Modality, partitions: Sequence[int], page_size: int
    ) -> AsyncIterator[Sequence[SubjectRows]]:
        """See Backend."""
        async for page in self._reads.scan(await self.identity(), modality, partitions, page_size):
            yield page

    async def counts(self, gallery: str) -> Mapping[int, int]:
        """See Backend."""
        return await self._listing.counts((await self.identity()).partition_count, gallery)

    async def galleries(self) -> list[str]:
        """See Backend."""
        return await self._listing.galleries((await self.identity()).partition_count)

    async def newest(self, partitions: Sequence[int]) -> list[FeedPosition]:
        """See Backend."""
        for _ in range(MAX_STORES):
            await self.identity()
            found = await self._feeds.newest(partitions)
            known = [each for each in found if each is not None]
            if len(known) == len(found):
                return known
            self._identifying.forget()
        raise _being_set_up()

    async def entries(self, after: FeedPosition, limit: int) -> FeedPart:
        """See Backend."""
        await self.identity()
        return await self._feeds.entries(after, limit)

    async def held(self, positions: Sequence[FeedPosition]) -> list[Held]:
        """See Backend."""
        await self.identity()
        return await self._feeds.held(positions)

    async def renew_epochs(self, seen: Sequence[FeedPosition]) -> None:
        """See Backend."""
        await self._feeds.renew_epochs(await self.identity(), seen)

    async def key_slots(self, partitions: Sequence[int] = ()) -> Sequence[tuple[int, bytes]]:
        """See Backend."""
        return await self._snapshots.key_slots(partitions or range((await self.identity()).partition_count))

    async def forget_key_slots(self, partition: int, slots: Sequence[bytes]) -> None:
        """See Backend."""
        await self._snapshots.forget_key_slots(partition, slots)

    async def put_snapshot(self, snapshot: SnapshotRow) -> bool:
        """See Backend."""
        return await self._snapshots.put(await self.identity(), snapshot)

    async def snapshots(self, modality: Modality, partitions: Sequence[int]) -> Sequence[SnapshotRow]:
        """See Backend."""
        await self.identity()
        return await self._snapshots.of(modality, partitions)

    async def drop_snapshot(self, snapshot: SnapshotRow) -> None:
        """See Backend."""
        await self._snapshots.drop(snapshot)

    async def expiring(self, before: int, after: ExpiryRow | None, limit: int) -> list[ExpiryRow]:
        """See Backend."""
        return await self._expiring.rows((await self.identity()).partition_count, before, after, limit)

    async def leaving(self, partitions: Sequence[int] = ()) -> list[str]:
        """See Backend."""
        return await self._snapshots.leaving(partitions or range((await self.identity()).partition_count))

    async def put_alias(self, alias: str, gallery: str, request: Request) -> Written:
        """See Backend."""
        return await self._put(lambda store: alias_command(self._keys, store, alias, gallery, request, self._ttl_ms))

    async def aliases(self) -> Mapping[str, str]:
        """See Backend."""
        await self.identity()
        return await self._listing.aliases()

    async def put_model(self, model_id: str, text: str, request: Request) -> Written:
        """See Backend."""
        return await self._put(lambda store: model_command(self._keys, store, model_id, text, request, self._ttl_ms))

    async def model(self, model_id: str) -> str | None:
        """See Backend."""
        await self.identity()
        text = await self._nodes.read(MODELS, ("GET", self._keys(MODELS, "model", model_id)))
        return None if text is None else str(text.decode())

    async def model_ids(self, after: str, limit: int) -> list[str]:
        """See Backend."""
        await self.identity()
        begin = f"({after}" if after else "-"
        command = ("ZRANGEBYLEX", self._keys(MODELS, "models"), begin, "+", "LIMIT", 0, limit)
        return [each.decode() for each in await self._nodes.read(MODELS, command)]

    async def ping(self) -> None:
        """See Backend. Every server of the store must answer."""
        count = (await self.identity()).partition_count
        await self._nodes.run([(each, ("EXISTS", self._keys(each, "store"))) for each in range(count)])

    async def _put(self, command: Callable[[StoreIdentity], Command]) -> Written:
        for _ in range(MAX_STORES):
            done = written(MODELS, await self._nodes.write(MODELS, command(await self.identity())))
            if done.outcome is not Outcome.REPLACED:
                return done
            self._identifying.forget()
        raise _being_set_up()

    async def close_idle(self) -> None:
        """See Backend."""
        await self._nodes.close_idle()

    async def close(self) -> None:
        """See Backend."""
        await self._nodes.close()


def _being_set_up() -> StoreUnavailable:
    return StoreUnavailable("The store is being set up. Try again.")
