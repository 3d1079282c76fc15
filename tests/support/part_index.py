"""An index of some partitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gallery.index.exact import ExactIndex
from gallery.partitions import partition_of
from gallery.store.tokens import parse


class PartStore:
    def __init__(self, store: Any, modality: Any, partitions: Sequence[int]) -> None:
        self.store, self.modality, self.partitions = store, modality, partitions

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    async def position(self) -> Any:
        self.count_ = await self.store.partition_count()
        return await self.store.position(self.partitions)

    async def list(self, page_size: int, token: str = "") -> Any:
        page = await self.store.list(page_size, token)
        own = [s for s in page.subjects if partition_of(s.subject_id, self.count_) in self.partitions]
        return replace(page, subjects=tuple(own))

    async def changes(self, after: Any, limit: int, wait_s: float) -> Any:
        changes = await self.store.changes(after, limit, wait_s)
        self.places = {c.name: c.partition for c in changes}
        positions = parse(after, after.partition(".")[0])
        out = []
        for c in changes:
            positions = positions.advanced(parse(c.token, c.token.partition(".")[0]).of.values())
            out.append(replace(c, token=positions.token))
        return out

    async def get_named(self, names: Sequence[bytes]) -> Any:
        page = await self.store.references_of(self.modality, [(self.places[n], n) for n in names])
        subjects = await self.store.get_many(page.subject_ids)
        return {bytes(n): subjects[i] for n, i in zip(page.names, page.subject_ids, strict=True) if i in subjects}


def part_index(store: Any, comparator: Any, partitions: Sequence[int], **options: Any) -> Any:
    return ExactIndex(PartStore(store, comparator.modality, partitions), comparator, **options)
