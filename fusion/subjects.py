"""Reads subjects for many verifications at a time: those that wait share one call of the store."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextvars import Context

from gallery.rules import subject_not_found
from gallery.store import SubjectStore
from gallery.subject import Subject

MOST = 64
"""Subjects read by one call."""


class SubjectReader:
    """Reads subjects as they are when asked for.

    A call of the store begins after all whom it is for have asked, so each sees every write acknowledged before. While
    one runs, those who ask wait for the next: a store that takes long is asked for more at a time, not more often.

    Args:
        store: the system of record.
    """

    def __init__(self, store: SubjectStore) -> None:
        self._store = store
        self._waiting: list[tuple[str, asyncio.Future[Subject]]] = []
        self._reading: asyncio.Task[None] | None = None

    async def get(self, subject_id: str) -> Subject:
        """The subject as it is now.

        Raises:
            SubjectNotFound: no such subject.
            StoreUnavailable: the store does not answer.
        """
        answer: asyncio.Future[Subject] = asyncio.get_running_loop().create_future()
        self._waiting.append((subject_id, answer))
        if self._reading is None:
            self._reading = asyncio.create_task(self._read(), context=Context())  # of no caller, nor in its deadline
        return await answer

    async def _read(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                await self._answer([(subject_id, answer) for subject_id, answer in batch if not answer.done()])
        finally:
            self._reading = None

    async def _answer(self, batch: Sequence[tuple[str, asyncio.Future[Subject]]]) -> None:
        try:
            found = await self._store.get_many(list(dict.fromkeys(subject_id for subject_id, _ in batch)))
        except BaseException as error:
            for _, answer in batch:
                if not answer.done():
                    answer.set_exception(error)
            if not isinstance(error, Exception):
                raise
            return
        for subject_id, answer in batch:
            if answer.done():
                continue
            if subject_id in found:
                answer.set_result(found[subject_id])
            else:
                answer.set_exception(subject_not_found(subject_id))
