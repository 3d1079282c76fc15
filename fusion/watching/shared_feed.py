"""Reads the store's feeds once for all watchers that wait at the same position, i.e. for all that keep up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextvars import Context
from dataclasses import dataclass

from biometrics.errors import FeedSetBack
from fusion.requests.parallel import computed
from gallery.store.port import SubjectStore
from gallery.store.rules import store_set_back
from gallery.store.tokens import parse
from gallery.store.values import Change, ChangeKind, ConsistencyToken
from gallery.subject import SubjectSummary

AT_ONCE = 200
"""Most changes of one read."""

WAIT_S = 10.0
"""Time of one call of the store that waits for a change; many follow each other."""


@dataclass(frozen=True, slots=True)
class Told:
    """One change, with its subject.

    Args:
        token: the positions of all feeds after it.
        kind: what happened.
        name: stands for the subject in this store.
        subject: id and galleries, as they are now; None for an erasure, or if the subject is not there any more.
    """

    token: ConsistencyToken
    kind: ChangeKind
    name: bytes
    subject: SubjectSummary | None


@dataclass(slots=True, eq=False)
class _Read:
    task: asyncio.Task[Sequence[Told]]
    waiting: int = 0


class SharedFeed:
    """The changes of one store. For one event loop.

    A read runs outside the context and deadline of any watcher, and ends when nobody waits for it any more.

    Args:
        store: the store of enrolled subjects.
    """

    def __init__(self, store: SubjectStore) -> None:
        self._store = store
        self._reads: dict[ConsistencyToken, _Read] = {}

    async def after(self, token: ConsistencyToken, wait_s: float) -> Sequence[Told]:
        """Some changes after a token, in order; none if there is none within `wait_s`.

        Raises:
            FeedTruncated: the feed does not reach back to the token.
            StoreSetBack: the token's write was lost.
            StoreUnavailable: the store does not answer.
        """
        read = self._reads.get(token) or self._begun(token)
        read.waiting += 1
        try:
            done, _ = await asyncio.wait([read.task], timeout=wait_s)
            return read.task.result() if done else ()
        finally:
            read.waiting -= 1
            if not read.waiting:
                self._end(token, read)

    def _begun(self, token: ConsistencyToken) -> _Read:
        read = self._reads[token] = _Read(asyncio.create_task(self._told(token), context=Context()))
        read.task.add_done_callback(lambda _: self._end(token, read))
        return read

    def _end(self, token: ConsistencyToken, read: _Read) -> None:
        if self._reads.get(token) is read:
            del self._reads[token]
        if not read.task.done():
            read.task.cancel()
        elif not read.task.cancelled():
            read.task.exception()  # is known now, also if no watcher is left

    async def _told(self, token: ConsistencyToken) -> Sequence[Told]:
        changes: Sequence[Change] = ()
        try:
            while not changes:
                changes = await self._store.changes(token, AT_ONCE, WAIT_S)
        except FeedSetBack:
            raise store_set_back() from None
        names = dict.fromkeys((each.partition, each.name) for each in changes if each.kind is not ChangeKind.DELETE)
        subjects = await self._store.subjects_named(list(names)) if names else {}
        positions = parse(token, token.partition(".")[0])
        tokens = await computed(len(changes) * len(positions.of) // 20, _tokens, token, changes)
        return [
            Told(after, each.kind, each.name, subjects.get(each.name) if each.kind is not ChangeKind.DELETE else None)
            for after, each in zip(tokens, changes, strict=True)
        ]


def _tokens(token: ConsistencyToken, changes: Sequence[Change]) -> list[ConsistencyToken]:
    """The positions of all feeds after each change."""
    adapter = token.partition(".")[0]
    positions, tokens = parse(token, adapter), []
    for each in changes:
        positions = positions.advanced(parse(each.token, adapter).of.values())
        tokens.append(positions.token)
    return tokens
