"""Reads subjects and references of a backend, and opens them with their keys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from biometrics.template import Modality
from gallery.references import ReferencePage
from gallery.sealing.subject_keys import SubjectKeys
from gallery.store.backend import Backend
from gallery.store.records import columns
from gallery.store.records.columns import Secret
from gallery.store.records.heads import Head
from gallery.store.rows import StoreIdentity, SubjectRows
from gallery.subject import Subject, SubjectSummary

Made = TypeVar("Made")
MODALITIES = tuple(Modality)

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
        return await self._made(subject_ids, MODALITIES, columns.subject)

    async def summaries(self, subject_ids: Sequence[str]) -> list[SubjectSummary]:
        """Summaries of those of the subjects that exist, in order; no template is opened.

        Raises:
            RecordUnreadable: one cannot be read.
        """
        return await self._made(subject_ids, (), columns.summary)

    async def page(self, rows: Sequence[SubjectRows]) -> ReferencePage:
        """The ACTIVE references of these rows."""
        keys = self._keys_of(await self._backend.identity())
        found = await _computed(len(rows), lambda: columns.located(rows))
        pages = {
            (partition, number): page
            for partition, numbers in found.pages.items()
            for number, page in (await keys.pages(partition, numbers)).items()
        }
        return await _computed(len(rows), lambda: columns.page(found, pages))

    async def _made(
        self,
        subject_ids: Sequence[str],
        modalities: Sequence[Modality],
        make: Callable[[SubjectRows, Head | None, Secret], Made | None],
    ) -> list[Made]:
        """What is made of each of the subjects that exist, in order."""
        identity = await self._backend.identity()
        found = await self._backend.read([identity.key(each) for each in subject_ids], modalities, encounters=True)
        rows = [each for each in found if each is not None]
        heads, secrets = await columns.secrets_of(rows, self._keys_of(identity))

        def work() -> list[Made]:
            made = [make(*each) for each in zip(rows, heads, secrets, strict=True)]
            return [each for each in made if each is not None]

        return await _computed(len(rows), work)


async def _computed(size: int, work: Callable[[], Made]) -> Made:
    """The result of `work`; computed in a thread unless it is small."""
    return await asyncio.to_thread(work) if size > FEW else work()
