"""Takes together what is asked for while something is being worked on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Condition
from typing import Generic, TypeVar

from gallery.patience import IsWanted, always, check

Request = TypeVar("Request")
Answer = TypeVar("Answer")

LOOK_S = 0.05
"""A caller that waits looks so often whether it is still to."""


@dataclass(slots=True, eq=False)
class _Asked(Generic[Request, Answer]):
    request: Request
    is_wanted: IsWanted
    answer: Future[Answer] = field(default_factory=Future)


class Batcher(Generic[Request, Answer]):
    """One batch at a time, worked on by the thread of one of its callers; the others wait for their answers.

    While nothing is in work a request is a batch of its own and begins at once. What arrives meanwhile
    makes up the next batch. A caller that is not to wait any more leaves; work on a batch can ask whether all have.

    Args:
        work: answers a batch, in order, and may stop with an error when told that none of it is wanted any more.
    """

    def __init__(self, work: Callable[[Sequence[Request], IsWanted], Sequence[Answer]]) -> None:
        self._work = work
        self._changed = Condition()
        self._busy = False
        self._waiting: list[_Asked[Request, Answer]] = []

    def answer(self, request: Request, is_wanted: IsWanted = always) -> Answer:
        """The answer to one request; what `work` raises is raised to all of its batch.

        Raises:
            DeadlineExpired: it is not wanted any more.
        """
        mine: _Asked[Request, Answer] = _Asked(request, is_wanted)
        with self._changed:
            self._waiting.append(mine)
            self._wait_for(mine)
            if not mine.answer.done():
                self._busy = True
                batch, self._waiting = self._waiting, []
        if not mine.answer.done():
            self._serve(batch)
        return mine.answer.result()

    def _wait_for(self, mine: _Asked[Request, Answer]) -> None:
        """Return when the answer is there, or nobody is at work."""
        while self._busy and not mine.answer.done():
            self._changed.wait(LOOK_S)
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
