"""Batches requests: those that arrive while one batch is being answered form the next batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Condition
from typing import Generic, TypeVar

from gallery.patience import IsWanted, always, check

Request = TypeVar("Request")
Answer = TypeVar("Answer")

POLL_S = 0.05
"""Interval, in seconds, at which a waiting caller checks whether it should still wait."""


@dataclass(slots=True, eq=False)
class _Asked(Generic[Request, Answer]):
    request: Request
    is_wanted: IsWanted
    answer: Future[Answer] = field(default_factory=Future)


class Batcher(Generic[Request, Answer]):
    """Answers one batch at a time, on the thread of one of its callers, while the others wait.

    A request that comes while no batch is being answered is a batch of its own and begins at once. Requests
    that come meanwhile form the next batch. A caller whose answer is no longer wanted leaves.

    Args:
        work: answers a batch, in order; it may stop with an error when its second argument says that no answer of the
            batch is wanted any more.
    """

    def __init__(self, work: Callable[[Sequence[Request], IsWanted], Sequence[Answer]]) -> None:
        self._work = work
        self._changed = Condition()
        self._busy = False
        self._waiting: list[_Asked[Request, Answer]] = []
        self.batch_count = self.request_count = 0

    def answer(self, request: Request, is_wanted: IsWanted = always) -> Answer:
        """The answer to one request; an error of `work` is raised to all callers of the batch.

        Raises:
            DeadlineExpired: the answer is not wanted any more.
        """
        mine: _Asked[Request, Answer] = _Asked(request, is_wanted)
        with self._changed:
            self._waiting.append(mine)
            self._wait_for(mine)
            if not mine.answer.done():
                self._busy = True
                batch, self._waiting = self._waiting, []
                self.batch_count += 1
                self.request_count += len(batch)
        if not mine.answer.done():
            self._serve(batch)
        return mine.answer.result()

    def _wait_for(self, mine: _Asked[Request, Answer]) -> None:
        """Return when the request is answered, or no batch is being answered."""
        while self._busy and not mine.answer.done():
            self._changed.wait(POLL_S)
            if not mine.is_wanted():
                self._waiting = [each for each in self._waiting if each is not mine]
                check(mine.is_wanted)

    def _serve(self, batch: Sequence[_Asked[Request, Answer]]) -> None:
        try:
            answers = self._work([each.request for each in batch], lambda: any(each.is_wanted() for each in batch))
            for each, answer in zip(batch, answers, strict=True):
                each.answer.set_result(answer)
        except BaseException as error:  # noqa: BLE001 - raised again by every caller's `result`
            for each in batch:
                if not each.answer.done():
                    each.answer.set_exception(error)
        finally:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
