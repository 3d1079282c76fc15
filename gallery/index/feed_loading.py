"""The copy of a store's references that a feed reader keeps current, and its loading."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from typing import Protocol, TypeVar

from biometrics.template import Modality
from gallery.patience import IsWanted, always
from gallery.references import ReferencePage
from gallery.store.port import SubjectStore
from gallery.store.values import Change

JOINED_BYTES = 1 << 24
"""Bytes of templates that are applied at once: 32,768 faces. If larger pages are stacked, fewer are merged later."""


class Copy(Protocol):
    """The copy that is kept current. Its methods are called off the event loop, one at a time."""

    @property
    def unreadable_count(self) -> int:
        """Number of subjects that the store could not read."""

    @property
    def has_room_for_another(self) -> bool:
        """Whether there is memory for a second copy beside it."""

    def apply(self, page: ReferencePage, gone: Sequence[bytes] = (), cut: Collection[bytes] = ()) -> None:
        """Replace the data of the page's subjects, also of those that cannot be read, and drop those that are gone.

        What was there of those that were cut is freed by the next purge, as of those that are gone.
        """

    def purge(self, goes_on: IsWanted = always) -> bool:
        """Free data of erased subjects, a part at a time while `goes_on`; returns whether none is left."""


State = TypeVar("State", bound=Copy)


async def load(copy: Copy, pages: AsyncIterator[ReferencePage]) -> None:
    """Load all subjects of the pages: some are applied while the next ones are read.

    Small pages are joined first. In memory are at most the pages that are being applied and as many that follow, each
    time `JOINED_BYTES` and the size of a page at most.

    Args:
        copy: an empty copy.
        pages: of different subjects.

    Raises:
        StoreUnavailable: the store does not answer.
    """
    applying = asyncio.create_task(asyncio.sleep(0))
    waiting: list[ReferencePage] = []
    try:
        async for page in pages:
            waiting.append(page)
            if sum(each.templates.data.nbytes for each in waiting) >= JOINED_BYTES:
                await applying
                applying = asyncio.create_task(asyncio.to_thread(_apply, copy, waiting))
                waiting = []
        await applying
        await asyncio.to_thread(_apply, copy, waiting)
    finally:
        await applying


def _apply(copy: Copy, pages: Sequence[ReferencePage]) -> None:
    if pages:
        copy.apply(ReferencePage.joined(pages))


async def apply(copy: Copy, store: SubjectStore, modality: Modality, changes: Sequence[Change]) -> bool:
    """Apply the current states of the subjects that changes name; returns whether data must be purged.

    Raises:
        StoreUnavailable: the store does not answer; nothing was applied.
    """
    names = list(dict.fromkeys((change.partition, change.name) for change in changes))
    page = await store.references_of(modality, names)
    found = {*map(bytes, page.names), *page.unreadable}
    gone = [name for _, name in names if name not in found]
    cut = {change.name for change in changes if change.kind.removes} & found
    await asyncio.to_thread(copy.apply, page, gone, cut)
    return bool(gone or cut)
