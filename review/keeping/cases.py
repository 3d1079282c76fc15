"""The cases of a store: one document each, changed by comparing versions, and an index (index_keys.py).

The case is written first, its entries after it, and those of before are removed in the background. So an entry is never
ahead of its case, and readers leave out those that are behind, and remove them. A process that ends in between leaves a
case whose entries are behind: `repair` writes them when a process starts, and `due` when the case's time comes.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from biometrics.errors import BiofusionError, CaseNotFound, DocumentChanged
from gallery.store.documents.port import Documents
from gallery.store.documents.rules import MAX_PAGE
from review.case import NAME_PREFIX, Case
from review.keeping.codec import case_bytes, case_of, readable
from review.keeping.index import Index
from review.keeping.index_keys import (
    AT,
    CHANGED,
    LOWEST,
    id_in,
    is_behind,
    keys_of,
    place_in,
    state_prefix,
    subject_prefix,
    time_key,
)
from review.states import ReviewState

CASES = "review-cases"
MOST_TRIES = 50
"""How often a change is tried while others change the same case."""


@dataclass(frozen=True, slots=True)
class Page:
    """Cases in order, and where the next page begins; "" after the last."""

    cases: tuple[Case, ...]
    following: str


class Cases:
    """Reads and changes cases.

    Args:
        documents: of the store.
        retention_s: seconds for which a case is kept after its end.
    """

    def __init__(self, documents: Documents, retention_s: float) -> None:
        self._documents, self._retention_s = documents, retention_s
        self._index = Index(documents)
        self._behind: set[str] = set()

    async def get(self, name: str) -> Case:
        """The case of a name. Raises CaseNotFound, StoreUnavailable."""
        found = await self.find(name.removeprefix(NAME_PREFIX)) if name.startswith(NAME_PREFIX) else None
        if found is None:
            raise CaseNotFound("There is no such case. List the cases to see which exist.")
        return found

    async def find(self, case_id: str) -> Case | None:
        """The case of an id, or None."""
        document = await self._documents.get(CASES, case_id) if case_id else None
        return None if document is None else case_of(document)

    async def add(self, case: Case) -> Case | None:
        """Write a new case and return it; None if the id is taken."""
        with suppress(DocumentChanged):
            return await asyncio.shield(self._written(None, case))
        return None

    async def change(self, name: str, by: Callable[[Case], Case]) -> Case:
        """Apply a change to the newest version of a case, and return it; nothing is written if it stays as it is.

        Raises:
            CaseNotFound, StoreUnavailable, and what the change raises.
        """
        for _ in range(MOST_TRIES):
            case = await self.get(name)
            wanted = by(case)
            if wanted == case:
                return case
            with suppress(DocumentChanged):
                return await asyncio.shield(self._written(case, wanted))
        raise DocumentChanged("Other callers change this case all the time. Try again.")

    async def remove(self, case: Case) -> None:
        """Remove a case and its entries. Raises DocumentChanged: it is not as it was read."""
        await self._documents.delete(CASES, case.id, case.version)
        await self._index.drop(keys_of(case, self._retention_s))

    async def page(self, prefixes: Iterable[str], after: str, limit: int) -> Page:
        """Up to `limit` cases, the most urgent first; fewer if entries are behind.

        Args:
            prefixes: `state_prefix` or `holder_prefix`: which.
            after: `following` of the page before; "": from the beginning.
            limit: 1 to 500.
        """
        lists = await asyncio.gather(*(self._index.entries(each, after, limit) for each in prefixes))
        keys = list(heapq.merge(*lists, key=place_in))[:limit]
        following = place_in(keys[-1]) if len(keys) == limit else ""
        return Page(tuple(await self._current(keys)), following)

    async def of_subject(self, subject_name: str) -> list[Case]:
        """All cases of a subject."""
        return await self._current(await self._index.entries(subject_prefix(subject_name), "", MAX_PAGE))

    async def due(self, now: float) -> list[Case]:
        """Up to 1,000 cases to which something is to happen by itself; entries that are behind are put right."""
        for case_id in list(self._behind):
            await self._mend(case_id)
        beyond = time_key(AT, now + 0.001)
        keys = [each for each in await self._index.entries(AT, "", MAX_PAGE) if each < beyond]
        current = await self._current(keys)
        known = {each.id for each in current}
        for key in keys:
            if id_in(key) not in known:
                await self._mend(id_in(key))
                await self._index.drop([key])
        return current

    async def changed_after(self, key: str, limit: int) -> tuple[list[Case], str]:
        """The cases of up to `limit` changes that follow a key, and the key to go on after; "" after the last."""
        keys = await self._index.entries(CHANGED, key.removeprefix(CHANGED), limit)
        return await self._current(keys), keys[-1] if keys else ""

    async def count(self, state: ReviewState) -> int:
        """Entries of a state; takes a millisecond or two for each thousand."""
        count, after = 0, ""
        while keys := await self._index.entries(state_prefix(state), after, MAX_PAGE):
            count, after = count + len(keys), place_in(keys[-1])
        return count

    async def oldest(self, states: Iterable[ReviewState]) -> float:
        """When the oldest of the cases was opened that are due first in each state and priority; 0: there is none."""
        prefixes = [f"{state_prefix(each)}{number}/" for each in states for number in range(LOWEST + 1)]
        lists = await asyncio.gather(*(self._index.entries(each, "", 1) for each in prefixes))
        current = await self._current([key for keys in lists for key in keys])
        return min((each.create_time for each in current), default=0.0)

    async def close(self) -> None:
        """Wait for entries that are being removed."""
        await self._index.close()

    async def repair(self) -> None:
        """Write the entries of all cases that lack them."""
        async for cases in self._pages():
            await self._index.mend([key for case in cases for key in keys_of(case, self._retention_s)])

    async def all(self) -> AsyncGenerator[Case, None]:
        """Every case, in no order of urgency."""
        async for cases in self._pages():
            for case in cases:
                yield case

    async def _pages(self) -> AsyncGenerator[list[Case], None]:
        after = ""
        while found := await self._documents.list(CASES, after, 100):
            after = found[-1].key
            yield [case for case in map(readable, found) if case]

    async def _written(self, old: Case | None, new: Case) -> Case:
        version = await self._documents.put(CASES, new.id, case_bytes(new), old.version if old else 0)
        written = replace(new, version=version)
        keys = keys_of(written, self._retention_s)
        gone = [each for each in (keys_of(old, self._retention_s) if old else ()) if each not in keys]
        try:
            await self._index.put(keys)
        except BiofusionError:  # the store does not answer, or the call's deadline has passed
            self._behind.add(new.id)
        else:
            self._index.drop_later(gone)
        return written

    async def _mend(self, case_id: str) -> None:
        case = readable(await self._documents.get(CASES, case_id))
        if case:
            await self._index.put(keys_of(case, self._retention_s))
        self._behind.discard(case_id)

    async def _current(self, keys: Sequence[str]) -> list[Case]:
        """The cases of those entries that are not behind, in the order of the entries; the others are removed."""
        found = await self._documents.get_many(CASES, [id_in(each) for each in keys])
        self._index.drop_later([key for key, each in zip(keys, found, strict=True) if each is None])
        cases = [(key, readable(each)) for key, each in zip(keys, found, strict=True)]
        self._index.drop_later([key for key, case in cases if case and is_behind(key, case)])
        return [case for key, case in cases if case and key in keys_of(case, self._retention_s)]
