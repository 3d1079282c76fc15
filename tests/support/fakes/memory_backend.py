"""Fakes of the ports below a store: a backend, a key table and a key-encryption key, in dicts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from biometrics.errors import GalleryNotFound
from biometrics.template import Modality
from gallery.store.changes import Held, Known, Outcome, Request, Write, Written
from gallery.store.rows import ExpiryRow, SnapshotRow, StoreIdentity, SubjectKey, SubjectRows
from gallery.store.values import ChangeKind
from gallery.subject import DEFAULT_GALLERY
from tests.support.fakes.memory_documents import MemoryDocuments
from tests.support.fakes.memory_texts import MemoryTexts
from tests.support.fakes.rows_after import expiries_after, rows_after


@dataclass
class MemoryBackend(MemoryTexts):
    """Backend in dicts. Set `down` to make it unavailable; `trim` forgets the entries so far."""

    store_id: str = "0a1b2c3d"
    doubts: tuple[str, ...] = ()
    rows: dict[SubjectKey, SubjectRows] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=lambda: {DEFAULT_GALLERY: set()})
    slots: list[tuple[int, bytes]] = field(default_factory=list)
    documents: MemoryDocuments = field(default_factory=MemoryDocuments)
    kept_snapshots: list[SnapshotRow] = field(default_factory=list)
    expiries: set[ExpiryRow] = field(default_factory=set)
    subjects_leaving: set[str] = field(default_factory=set)
    rewritten: dict[int, tuple[int, int]] = field(default_factory=dict)

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
        if write.unless and (partition, write.unless) in self.receipts:
            return Written(Outcome.BARRED)
        current = self.rows.get(write.key)
        if (current.head if current else b"") != write.expected:
            return Written(Outcome.CHANGED, head=current.head if current else b"")
        current = current or SubjectRows(write.key, write.subject_id, b"")
        anew = write.anew or not write.head
        if anew:
            current = replace(current, encounters=(), references=())
        if {each.encounter_id for each in current.encounters} & {each.encounter_id for each in write.encounters}:
            return Written(Outcome.TAKEN)
        for each in [each for each in self.kept_snapshots if anew and each.partition == partition]:
            await self.drop_snapshot(each)
        self.rows.pop(write.key, None)
        if write.head:
            self.rows[write.key] = rows_after(current, write)
        self.expiries = expiries_after(self.expiries, write)
        self._register(write)
        self.slots += [(partition, slot) for slot in write.key_slots]
        position = self._append(partition, write)
        if write.anew:
            self.rewritten[partition] = position.number
        self.receipts[partition, write.request.name] = (write.request.content, position)
        return Written(Outcome.WRITTEN, position)

    def _register(self, write: Write) -> None:
        if write.leaving is not None or not write.head:
            self.subjects_leaving -= {write.subject_id}
        if write.leaving:
            self.subjects_leaving.add(write.subject_id)
        for gallery in write.joined:
            self.members.setdefault(gallery, set()).add(write.subject_id)
        for gallery in write.left:
            self.members[gallery].discard(write.subject_id)

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
        if self.rewritten.get(snapshot.partition, (0, 0)) > snapshot.position.number:
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

    async def expiring(self, before: int, after: ExpiryRow | None, limit: int) -> list[ExpiryRow]:
        """See Backend."""
        await self.ping()
        rows = sorted(each for each in self.expiries if each.time < before)
        return [each for each in rows if after is None or each > after][:limit]

    async def leaving(self, partitions: Sequence[int] = ()) -> list[str]:
        """See Backend."""
        identity = await self.identity()
        return sorted(e for e in self.subjects_leaving if not partitions or identity.key(e).partition in partitions)

    async def close_idle(self) -> None:
        """See Backend."""

    async def close(self) -> None:
        """See Backend."""

    def set_back(self) -> None:
        """Lose all writes, as if a backup from before them was restored."""
        for each in (self.rows, self.feeds, self.receipts, self.members):
            each.clear()
        self.members[DEFAULT_GALLERY] = set()

    def damage(self, subject_id: str) -> None:
        """Change the last byte of the subject's sealed sets."""
        key = next(key for key, rows in self.rows.items() if rows.subject_id == subject_id)
        sets = [
            replace(each, sealed=each.sealed[:-1] + bytes([each.sealed[-1] ^ 1])) for each in self.rows[key].references
        ]
        self.rows[key] = replace(self.rows[key], references=sets)

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
