"""Reads subjects and references of a backend, and opens them with their keys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from biometrics.errors import RecordUnreadable
from biometrics.template import Modality
from gallery.references import ReferencePage
from gallery.sealing.subject_keys import SubjectKeys
from gallery.store.backend import Backend
from gallery.store.records import columns
from gallery.store.records.columns import Secret
from gallery.store.records.heads import Head
from gallery.store.rows import StoreIdentity, SubjectKey, SubjectRows
from gallery.subject import Subject, SubjectSummary

Made = TypeVar("Made")
Unreadable = Mapping[str, RecordUnreadable]
"""Subjects that cannot be read, by id, and why."""
MODALITIES = tuple(Modality)

READS = 8
"""How often a subject is read that gets new keys meanwhile."""
FEW = 4
"""Up to so many subjects are opened on the event loop, 0.1 ms each at most; more in a thread."""


class Reader:
    """Reads subjects; those whose key was destroyed do not exist.

    Args:
        backend: keeps the rows.
        keys_of: the keys of the subjects of a store.
    """

    def __init__(self, backend: Backend, keys_of: Callable[[StoreIdentity], SubjectKeys]) -> None:
        self._backend, self._keys_of = backend, keys_of

    async def subjects(self, subject_ids: Sequence[str]) -> list[Subject]:
        """Those of the subjects that exist, in order.

        Raises:
            RecordUnreadable: one cannot be read.
        """
        found, unreadable = await self.readable(subject_ids)
        for error in unreadable.values():
            raise error
        return found

    async def readable(self, subject_ids: Sequence[str]) -> tuple[list[Subject], Unreadable]:
        """Those of the subjects that exist and can be read, in order, and the others that exist."""
        return await self._made(subject_ids, MODALITIES, columns.subject)

    async def summaries(self, subject_ids: Sequence[str]) -> tuple[list[SubjectSummary], Unreadable]:
        """As `readable`, of summaries; no template is opened."""
        return await self._made(subject_ids, (), columns.summary)

    async def named(self, keys: Sequence[SubjectKey]) -> dict[bytes, SubjectSummary]:
        """Summaries without encounters, by name, of those of the subjects that exist and can be read."""
        rows = await self._backend.read(keys, (), encounters=False)
        found, _ = await self._of_rows([each for each in rows if each is not None], (), columns.named, encounters=False)
        return dict(found)

    async def active(self, keys: Sequence[SubjectKey], modality: Modality) -> ReferencePage:
        """The ACTIVE references of one modality of those of the subjects that exist."""
        found = await self._backend.read(keys, [modality], encounters=False)
        return await self.page([rows for rows in found if rows is not None], modality)

    async def page(self, rows: Sequence[SubjectRows], modality: Modality) -> ReferencePage:
        """The ACTIVE references of these rows, which have those of one modality.

        The key of a subject may have been destroyed because it got a new one since its row was read; so the rows of all
        whose key is destroyed are read again.
        """
        for _ in range(READS):
            made, gone = await self._page(rows)
            again = await self._again(gone, [modality], encounters=False)
            if not again:
                break
            rows = [again.get(each.key, each) for each in rows]
        return made

    async def _page(self, rows: Sequence[SubjectRows]) -> tuple[ReferencePage, Sequence[SubjectRows]]:
        """The references of these rows, and the rows of subjects whose keys are destroyed."""
        keys = self._keys_of(await self._backend.identity())
        found = await _computed(len(rows), lambda: columns.located(rows))
        pages = {
            (partition, number): page
            for partition, numbers in found.pages.items()
            for number, page in (await keys.pages(partition, numbers)).items()
        }
        made = await _computed(len(rows), lambda: columns.page(found, pages))
        complete = len(made.subject_ids) + len(made.unreadable) == len(rows)
        return made, () if complete else columns.destroyed(found, pages)

    async def _again(
        self, gone: Sequence[SubjectRows], modalities: Sequence[Modality], *, encounters: bool
    ) -> dict[SubjectKey, SubjectRows]:
        """Those of these subjects, whose keys are destroyed, that have another head by now."""
        if not gone:
            return {}
        found = await self._backend.read([each.key for each in gone], modalities, encounters=encounters)
        return {new.key: new for old, new in zip(gone, found, strict=True) if new is not None and new.head != old.head}

    async def _made(
        self,
        subject_ids: Sequence[str],
        modalities: Sequence[Modality],
        make: Callable[[SubjectRows, Head | None, Secret], Made | None],
    ) -> tuple[list[Made], Unreadable]:
        """What is made of each of the subjects that exist, in order, and those of which nothing can be made."""
        identity = await self._backend.identity()
        found = await self._backend.read([identity.key(each) for each in subject_ids], modalities, encounters=True)
        return await self._of_rows([each for each in found if each is not None], modalities, make, encounters=True)

    async def _of_rows(
        self,
        rows: Sequence[SubjectRows],
        modalities: Sequence[Modality],
        make: Callable[[SubjectRows, Head | None, Secret], Made | None],
        *,
        encounters: bool,
    ) -> tuple[list[Made], Unreadable]:
        identity = await self._backend.identity()
        for _ in range(READS):
            heads, secrets = await columns.secrets_of(rows, self._keys_of(identity))
            gone = [row for row, secret in zip(rows, secrets, strict=True) if secret is None]
            again = await self._again(gone, modalities, encounters=encounters)
            if not again:
                break
            rows = [again.get(each.key, each) for each in rows]

        def work() -> tuple[list[Made], Unreadable]:
            made: list[Made] = []
            unreadable: dict[str, RecordUnreadable] = {}
            for row, head, secret in zip(rows, heads, secrets, strict=True):
                try:
                    each = make(row, head, secret)
                except RecordUnreadable as error:
                    unreadable[row.subject_id] = error
                else:
                    made += [] if each is None else [each]
            return made, unreadable

        return await _computed(len(rows), work)


async def _computed(size: int, work: Callable[[], Made]) -> Made:
    """The result of `work`; computed in a thread unless it is small."""
    return await asyncio.to_thread(work) if size > FEW else work()
