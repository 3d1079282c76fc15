"""Batches concurrent reads of a store: those that wait share one call."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")

MOST = 64
"""Most questions of one call."""


class SharedReads(Generic[Question, Answer]):
    """Answers the questions of many concurrent callers of one event loop in shared calls.

    A call begins after all of its questions were asked, so each answer reflects every write acknowledged before. While
    a call runs, new questions wait for the next one: a slow store gets larger calls, not more of them. A call runs
    outside the context and deadline of any caller; questions of callers that have gone are left out.

    Args:
        ask: answers several questions, in order, each by an answer or by an error of its own.
    """

    def __init__(self, ask: Callable[[Sequence[Question]], Awaitable[Sequence[Answer | Exception]]]) -> None:
        self._ask = ask
        self._waiting: list[tuple[Question, asyncio.Future[Answer]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def answer(self, question: Question) -> Answer:
        """The answer to one question, or its error; an error that `ask` raises is raised to all callers of the call."""
        told: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, told))
        if self._asking is None:
            self._asking = asyncio.create_task(self._run(), context=Context())
        return await told

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                await self._tell([each for each in batch if not each[1].done()])
        finally:
            self._asking = None

    async def _tell(self, batch: Sequence[tuple[Question, asyncio.Future[Answer]]]) -> None:
        if not batch:
            return
        answers: Sequence[Answer | Exception]
        try:
            answers = await self._ask([question for question, _ in batch])
        except BaseException as error:
            for _, told in batch:
                if not told.done():
                    told.set_exception(error)
            if not isinstance(error, Exception):
                raise
            return
        for (_, told), answer in zip(batch, answers, strict=True):
            if told.done():
                continue
            if isinstance(answer, Exception):
                told.set_exception(answer)
            else:
                told.set_result(answer)
