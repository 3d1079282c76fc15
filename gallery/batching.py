"""Takes together what is asked for while something is being worked on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import Condition
from typing import Generic, TypeVar

Request = TypeVar("Request")
Answer = TypeVar("Answer")


class Batcher(Generic[Request, Answer]):
    """One batch at a time, worked on by the thread of one of its callers; the others wait for their answers.

    While nothing is in work a request is a batch of its own and begins at once. What arrives meanwhile
    makes up the next batch.

    Args:
        work: answers a batch, in order.
    """

    def __init__(self, work: Callable[[Sequence[Request]], Sequence[Answer]]) -> None:
        self._work = work
        self._changed = Condition()
        self._busy = False
        self._waiting: list[tuple[Request, Future[Answer]]] = []

    @property
    def waiting_count(self) -> int:
        """Requests that wait for the next batch."""
        return len(self._waiting)

    def answer(self, request: Request) -> Answer:
        """The answer to one request; what `work` raises is raised to all of its batch."""
        mine: Future[Answer] = Future()
        with self._changed:
            self._waiting.append((request, mine))
            self._changed.wait_for(lambda: mine.done() or not self._busy)
            if not mine.done():
                self._busy = True
                batch, self._waiting = self._waiting, []
        if not mine.done():
            self._serve(batch)
        return mine.result()

    def _serve(self, batch: Sequence[tuple[Request, Future[Answer]]]) -> None:
        try:
            answers = self._work([request for request, _ in batch])
            for (_, future), answer in zip(batch, answers, strict=True):
                future.set_result(answer)
        except BaseException as error:  # noqa: BLE001 - raised again by every caller's `result`
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
        finally:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
