"""Questions to a store that wait share one call of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")

MOST = 64
"""Questions of one call."""


class SharedReads(Generic[Question, Answer]):
    """Asks for many callers at a time. Of one event loop.

    A call begins after all whom it is for have asked, so each sees every write acknowledged before. While one runs,
    those who ask wait for the next: a store that takes long is asked for more at a time, not more often. A call is
    made for no caller, nor within a deadline of one; questions of callers who have gone are left out.

    Args:
        ask: answers some questions, each by what it is to be told or by an error of its own.
    """

    def __init__(self, ask: Callable[[Sequence[Question]], Awaitable[Sequence[Answer | Exception]]]) -> None:
        self._ask = ask
        self._waiting: list[tuple[Question, asyncio.Future[Answer]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def answer(self, question: Question) -> Answer:
        """The answer to one question, or its error; what `ask` itself raises is raised to all of its callers."""
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
