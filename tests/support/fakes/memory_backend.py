"""Fakes of the ports below a store: a backend, a key table and a key-encryption key, in dicts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from biometrics.errors import GalleryNotFound, KeyWrong, StoreUnavailable
from biometrics.template import Modality
from gallery.sealing.key_table import HEAD, KEY_BYTES, KeyRef, PageHead, Rewrap
from gallery.store.changes import Entry, FeedPart, Held, Known, Outcome, Request, Write, Written
from gallery.store.rows import SnapshotRow, StoreIdentity, SubjectKey, SubjectRows
from gallery.store.tokens import NO_MARK, FeedPosition, new_mark
from gallery.store.values import ChangeKind
from gallery.subject import DEFAULT_GALLERY

EPOCH = "0000e0c4"


@dataclass
class MemoryBackend:
    """Backend in dicts. Set `down` to make it unavailable; `trim` forgets the entries so far."""

    partition_count: int = 4
    store_id: str = "0a1b2c3d"
    down: bool = False
    doubts: tuple[str, ...] = ()
    rows: dict[SubjectKey, SubjectRows] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=lambda: {DEFAULT_GALLERY: set()})
    receipts: dict[tuple[int, bytes], tuple[bytes, FeedPosition]] = field(default_factory=dict)
    feeds: dict[int, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    trimmed: dict[int, int] = field(default_factory=dict)
    epochs: dict[int, str] = field(default_factory=dict)
    slots: list[tuple[int, bytes]] = field(default_factory=list)
    models: dict[str, str] = field(default_factory=dict)
    kept_snapshots: list[SnapshotRow] = field(default_factory=list)

    async def identity(self) -> StoreIdentity:
        """See Backend."""
        await self.ping()
        return StoreIdentity("memory", self.store_id, self.partition_count, bytes(16))

    async def write(self, write: Write) -> Written:
        """See Backend."""
        await self.ping()
        partition = write.key.partition
        if done := self._done(partition, write.request):
            return done
        current = self.rows.get(write.key)
        if (current.head if current else b"") != write.expected:
            return Written(Outcome.CHANGED, head=current.head if current else b"")
        current = current or SubjectRows(write.key, write.subject_id, b"")
        if {each.encounter_id for each in current.encounters} & {each.encounter_id for each in write.encounters}:
            return Written(Outcome.TAKEN)
        if write.head:
            self.rows[write.key] = replace(
                current,
                head=write.head,
                encounters=(*current.encounters, *write.encounters),
                references=(*current.references, *write.references),
            )
        else:
            del self.rows[write.key]
            dropped = [each for each in self.kept_snapshots if each.partition == partition]
            for each in dropped:
                await self.drop_snapshot(each)
        for gallery in write.joined:
            self.members.setdefault(gallery, set()).add(write.subject_id)
        for gallery in write.left:
            self.members[gallery].discard(write.subject_id)
        self.slots += [(partition, slot) for slot in write.key_slots]
        position = self._append(partition, write)
        self.receipts[partition, write.request.name] = (write.request.content, position)
        return Written(Outcome.WRITTEN, position)

    async def known(self, key: SubjectKey, request: Request) -> Known:
        """See Backend."""
        await self.ping()
        rows, done = self.rows.get(key), self._done(key.partition, request)
        return Known(rows.head if rows else b"", done.position if done else None, done.content if done else b"")

    async def read(
        self, keys: Sequence[SubjectKey], modalities: Sequence[Modality], *, encounters: bool
    ) -> list[SubjectRows | None]:
        """See Backend."""
        await self.ping()
        return [self._read(key, modalities, encounters=encounters) for key in keys]

    async def ids(self, after: str, limit: int, gallery: str) -> list[str]:
        """See Backend."""
        members = self._members(gallery)
        return sorted(each for each in members if each > after)[:limit]

    async def scan(
        self, modality: Modality, partitions: Sequence[int], page_size: int
    ) -> AsyncIterator[Sequence[SubjectRows]]:
        """See Backend."""
        await self.ping()
        keys = sorted((key for key in self.rows if key.partition in partitions), key=lambda key: key.name)
        for start in range(0, len(keys), page_size):
            found = await self.read(keys[start : start + page_size], [modality], encounters=False)
            yield [each for each in found if each is not None]

    async def counts(self, gallery: str) -> Mapping[int, int]:
        """See Backend."""
        await self.ping()
        members, identity = self._members(gallery), await self.identity()
        counts = dict.fromkeys(range(self.partition_count), 0)
        for each in members:
            counts[identity.key(each).partition] += 1
        return counts

    async def galleries(self) -> list[str]:
        """See Backend."""
        await self.ping()
        return sorted(self.members)

    async def newest(self, partitions: Sequence[int]) -> list[FeedPosition]:
        """See Backend."""
        await self.ping()
        return [self._newest(each) for each in partitions]

    async def entries(self, after: FeedPosition, limit: int) -> FeedPart:
        """See Backend."""
        (held,) = await self.held([after])
        if held is not Held.HELD:
            return FeedPart(held)
        later = [each for each in self.feeds[after.partition] if each.position.number > after.number]
        return FeedPart(held, later[:limit])

    async def held(self, positions: Sequence[FeedPosition]) -> list[Held]:
        """See Backend."""
        await self.ping()
        return [self._held(each) for each in positions]

    async def renew_epochs(self, seen: Sequence[FeedPosition]) -> None:
        """See Backend."""
        for each in seen:
            if self.epochs.get(each.partition, EPOCH) == each.epoch:
                self.epochs[each.partition] = new_mark()
                epoch = self.epochs[each.partition]
                feed = self.feeds[each.partition]
                feed[:] = [replace(e, position=replace(e.position, epoch=epoch)) for e in feed]

    async def key_slots(self, partitions: Sequence[int] = ()) -> Sequence[tuple[int, bytes]]:
        """See Backend."""
        await self.ping()
        return [each for each in self.slots if not partitions or each[0] in partitions]

    async def forget_key_slots(self, partition: int, slots: Sequence[bytes]) -> None:
        """See Backend."""
        self.slots = [(own, slot) for own, slot in self.slots if own != partition or slot not in slots]

    async def put_snapshot(self, snapshot: SnapshotRow) -> bool:
        """See Backend."""
        part = await self.entries(snapshot.position, 10**9)
        if part.held is not Held.HELD or any(each.kind is ChangeKind.DELETE for each in part.entries):
            return False
        self.kept_snapshots.insert(0, snapshot)
        return True

    async def snapshots(self, modality: Modality, partitions: Sequence[int]) -> Sequence[SnapshotRow]:
        """See Backend."""
        await self.ping()
        return [each for each in self.kept_snapshots if each.modality is modality and each.partition in partitions]

    async def drop_snapshot(self, snapshot: SnapshotRow) -> None:
        """See Backend."""
        if snapshot not in self.kept_snapshots:
            return
        self.kept_snapshots.remove(snapshot)
        self.slots.append((snapshot.partition, snapshot.key_slot))

    async def put_model(self, model_id: str, text: str, request: Request) -> Written:
        """See Backend."""
        await self.ping()
        if done := self._done(0, request):
            return done
        if not text and model_id not in self.models:
            return Written(Outcome.CHANGED)
        self.models.pop(model_id, None)
        if text:
            self.models[model_id] = text
        self.receipts[0, request.name] = (request.content, self._newest(0))
        return Written(Outcome.WRITTEN, self._newest(0))

    async def model(self, model_id: str) -> str | None:
        """See Backend."""
        await self.ping()
        return self.models.get(model_id)

    async def model_ids(self, after: str, limit: int) -> list[str]:
        """See Backend."""
        await self.ping()
        return sorted(each for each in self.models if each > after)[:limit]

    async def ping(self) -> None:
        """See Backend."""
        if self.down:
            raise StoreUnavailable("The store is down.")

    async def close_idle(self) -> None:
        """See Backend."""

    async def close(self) -> None:
        """See Backend."""

    def trim(self) -> None:
        """Forget all entries made so far."""
        for partition, feed in self.feeds.items():
            if feed:
                self.trimmed[partition] = feed[-1].position.number[0]
                feed[:] = feed[-1:]

    def damage(self, subject_id: str) -> None:
        """Change the last byte of the subject's sealed sets."""
        key = next(key for key, rows in self.rows.items() if rows.subject_id == subject_id)
        sets = [
            replace(each, sealed=each.sealed[:-1] + bytes([each.sealed[-1] ^ 1])) for each in self.rows[key].references
        ]
        self.rows[key] = replace(self.rows[key], references=sets)

    def set_back(self) -> None:
        """Lose all writes, as if a backup from before them was restored."""
        for each in (self.rows, self.feeds, self.receipts, self.members):
            each.clear()
        self.members[DEFAULT_GALLERY] = set()

    def _read(self, key: SubjectKey, modalities: Sequence[Modality], *, encounters: bool) -> SubjectRows | None:
        rows = self.rows.get(key)
        if rows is None:
            return None
        own = [each for each in rows.references if each.modality in modalities]
        return replace(rows, encounters=rows.encounters if encounters else (), references=own)

    def _members(self, gallery: str) -> set[str]:
        if gallery and gallery not in self.members:
            raise GalleryNotFound(gallery)
        return self.members[gallery] if gallery else {rows.subject_id for rows in self.rows.values()}

    def _done(self, partition: int, request: Request) -> Written | None:
        found = self.receipts.get((partition, request.name))
        if found is None:
            return None
        content, position = found
        return Written(Outcome.DONE, replace(position, epoch=self._begin(partition).epoch), content)

    def _append(self, partition: int, write: Write) -> FeedPosition:
        number = self._newest(partition).number[0] + 1
        position = FeedPosition(partition, self.epochs.get(partition, EPOCH), new_mark(), (number, 0))
        self.feeds[partition].append(Entry(position, write.kind, write.key.name))
        return position

    def _newest(self, partition: int) -> FeedPosition:
        feed = self.feeds[partition]
        return feed[-1].position if feed else self._begin(partition)

    def _begin(self, partition: int) -> FeedPosition:
        return FeedPosition(partition, self.epochs.get(partition, EPOCH), NO_MARK, (0, 0))

    def _held(self, position: FeedPosition) -> Held:
        partition = position.partition
        if position == self._begin(partition):
            return Held.OLDER if partition in self.trimmed else Held.HELD
        if position.epoch == self.epochs.get(partition, EPOCH) and position.number[0] < self.trimmed.get(partition, 0):
            return Held.OLDER
        return Held.HELD if position in [each.position for each in self.feeds[partition]] else Held.LOST


@dataclass
class MemoryKeyTable:
    """KeyTable in a list of pages."""

    content: bytes = b""
    kept: list[bytes] = field(default_factory=list)
    down: bool = False

    async def header(self) -> bytes:
        """See KeyTable."""
        self._require()
        return self.content

    async def put_header(self, new: bytes, expected: bytes) -> bool:
        """See KeyTable."""
        self._require()
        if self.content != expected:
            return False
        self.content = new
        return True

    async def add_pages(self, pages: Sequence[bytes]) -> list[int]:
        """See KeyTable."""
        self._require()
        self.kept += pages
        return list(range(len(self.kept) - len(pages), len(self.kept)))

    async def pages(self, partition: int, numbers: Sequence[int]) -> Mapping[int, bytes]:
        """See KeyTable."""
        self._require()
        return {number: self.kept[number] for number in numbers if number < len(self.kept)}

    async def destroy(self, partition: int, refs: Sequence[KeyRef]) -> None:
        """See KeyTable."""
        self._require()
        for ref in refs:
            page, start = bytearray(self.kept[ref.page]), HEAD.size + KEY_BYTES * ref.slot
            page[start : start + KEY_BYTES] = bytes(KEY_BYTES)
            self.kept[ref.page] = bytes(page)

    async def rewrap(self, change: Rewrap, progress: Callable[[int, int], None]) -> None:
        """See KeyTable."""
        self._require()
        self.kept = [change(page) or page for page in self.kept]
        progress(len(self.kept), len(self.kept))

    async def close(self) -> None:
        """See KeyTable."""

    @property
    def partitions(self) -> list[int]:
        """The partition of each page."""
        return [head.partition for page in self.kept if (head := PageHead.of(page))]

    def _require(self) -> None:
        if self.down:
            raise StoreUnavailable("The key table is down.")


@dataclass
class MemoryKey:
    """KeyEncryption that wraps by writing key id and context in front."""

    ids: list[str] = field(default_factory=lambda: ["k1"])

    async def current(self) -> str:
        """See KeyEncryption."""
        return self.ids[-1]

    async def wrap(self, data_key: bytes, context: str) -> tuple[str, bytes]:
        """See KeyEncryption."""
        return self.ids[-1], f"{self.ids[-1]}|{context}|".encode() + data_key

    async def unwrap(self, key_id: str, wrapped: bytes, context: str) -> bytes:
        """See KeyEncryption."""
        prefix = f"{key_id}|{context}|".encode()
        if key_id not in self.ids or not wrapped.startswith(prefix):
            raise KeyWrong("Another key.")
        return wrapped[len(prefix) :]

    async def renew(self) -> str:
        """See KeyEncryption."""
        self.ids.append(f"k{len(self.ids) + 1}")
        return self.ids[-1]

    async def destroy(self, key_id: str) -> None:
        """See KeyEncryption."""
        self.ids.remove(key_id)

    async def close(self) -> None:
        """See KeyEncryption."""
