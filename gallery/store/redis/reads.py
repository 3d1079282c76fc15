"""Reads of subjects in a Redis store: by key, and page by page."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from biometrics.errors import BiofusionError
from biometrics.template import Modality
from gallery.store.backend import Known, Request, StoreIdentity, SubjectKey, SubjectRows
from gallery.store.redis.connections.commands import Command
from gallery.store.redis.connections.nodes import Nodes, Routed
from gallery.store.redis.keys import Identity, Keys
from gallery.store.redis.positions import of_receipt
from gallery.store.redis.scripts import KNOWN, READ
from gallery.store.redis.writes import encounter_row, reference_row

AT_ONCE = 64
"""Most subjects of one script."""
PARTITIONS_AT_ONCE = 8
"""Partitions that a scan reads at once."""


class Reads:
    """Reads of one store.

    Args:
        nodes: the servers.
        keys: key names of the namespace.
    """

    def __init__(self, nodes: Nodes, keys: Keys) -> None:
        self._nodes, self._keys = nodes, keys

    async def known(self, key: SubjectKey, request: Request) -> Known:
        """See Backend.known."""
        partition = key.partition
        names = (("store", ""), ("request", request.name.hex()), ("subject", key.name.hex()))
        command = KNOWN([self._keys(partition, *each) for each in names])
        store, receipt, head = await self._nodes.read(partition, command)
        if store is None or receipt is None:
            return Known(head or b"")
        content, position = of_receipt(partition, Identity.read(store).epoch.encode(), receipt)
        return Known(head or b"", position, content)

    async def read(
        self, keys: Sequence[SubjectKey], modalities: Sequence[Modality], *, encounters: bool
    ) -> list[SubjectRows | None]:
        """See Backend.read."""
        of: dict[int, list[SubjectKey]] = defaultdict(list)
        for key in dict.fromkeys(keys):
            of[key.partition].append(key)
        groups = [each[i : i + AT_ONCE] for each in of.values() for i in range(0, len(each), AT_ONCE)]
        commands = [(group[0].partition, self._command(group, modalities, encounters=encounters)) for group in groups]
        answers = await self._nodes.run(commands)
        found = {
            key: _rows(key, each, modalities)
            for group, answer in zip(groups, answers, strict=True)
            for key, each in zip(group, answer, strict=True)
        }
        return [found[key] for key in keys]

    async def scan(
        self, store: StoreIdentity, modality: Modality, partitions: Sequence[int], page_size: int
    ) -> AsyncIterator[Sequence[SubjectRows]]:
        """See Backend.scan. The next page is read while the caller works on one."""
        scan = _Scan(self._nodes, self._keys, self, store, modality, page_size)
        scan.begin(partitions)
        following = asyncio.create_task(scan.page())
        try:
            while (page := await following) is not None:
                following = asyncio.create_task(scan.page())
                if page:
                    yield page
        finally:
            following.cancel()
            with suppress(BiofusionError, asyncio.CancelledError):
                await following

    def _command(self, group: Sequence[SubjectKey], modalities: Sequence[Modality], *, encounters: bool) -> Command:
        names = []
        for key in group:
            names.append(self._keys(key.partition, "subject", key.name.hex()))
            names += [self._keys.references(key.partition, each, key.name) for each in modalities]
        return READ(names, [len(modalities), int(encounters)])


@dataclass
class _Cursor:
    """How far a scan is in one partition: the ids that are read next, and the last of them."""

    partition: int
    ids: list[bytes]
    after: bytes = b""


class _Scan:
    """One scan: reads of several partitions, and of the ids that come next, share their round trips."""

    def __init__(
        self, nodes: Nodes, keys: Keys, reads: Reads, store: StoreIdentity, modality: Modality, page_size: int
    ) -> None:
        self._nodes, self._keys, self._reads = nodes, keys, reads
        self._store, self._modality, self._page_size = store, modality, page_size
        self._waiting: list[int] = []
        self._cursors: list[_Cursor] = []

    def begin(self, partitions: Sequence[int]) -> None:
        """Scan these partitions."""
        self._waiting = list(partitions)

    async def page(self) -> list[SubjectRows] | None:
        """The next page; it may be empty. None after the last."""
        while self._waiting and len(self._cursors) < min(PARTITIONS_AT_ONCE, self._page_size):
            self._cursors.append(_Cursor(self._waiting.pop(0), []))
        if not self._cursors:
            return None
        size = self._page_size // len(self._cursors)
        subjects = [
            SubjectKey(c.partition, self._store.key(each.decode()).name) for c in self._cursors for each in c.ids
        ]
        found, more = await asyncio.gather(
            self._reads.read(subjects, [self._modality], encounters=False),
            self._nodes.run([self._next_ids(cursor, size) for cursor in self._cursors]),
        )
        for cursor, ids in zip(self._cursors, more, strict=True):
            cursor.ids, cursor.after = ids, ids[-1] if ids else cursor.after
        self._cursors = [cursor for cursor in self._cursors if cursor.ids]
        return [rows for rows in found if rows is not None]

    def _next_ids(self, cursor: _Cursor, size: int) -> Routed:
        begin = b"(" + cursor.after if cursor.after else b"-"
        ids = self._keys.ids(cursor.partition, "")
        return cursor.partition, ("ZRANGEBYLEX", ids, begin, "+", "LIMIT", 0, size)


def _rows(key: SubjectKey, answer: Any, modalities: Sequence[Modality]) -> SubjectRows | None:
    if not answer:
        return None
    subject_id, head, fields, *sets = answer
    encounters = [encounter_row(name, value) for name, value in _pairs(fields) if name.startswith(b"e")]
    references = [
        reference_row(modality, name, value)
        for modality, each in zip(modalities, sets, strict=True)
        for name, value in _pairs(each)
    ]
    encounters.sort(key=lambda each: each.number)
    references.sort(key=lambda each: each.number)
    return SubjectRows(key, subject_id.decode(), head, encounters, references)


def _pairs(flat: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    return ((flat[i], flat[i + 1]) for i in range(0, len(flat), 2))
