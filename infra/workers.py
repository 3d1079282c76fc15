"""A thread pool, ordered by deadline, for work that would block the event loop: models, comparisons."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any, ParamSpec, TypeVar

from biometrics.errors import Overloaded
from infra.deadlines import Caller, Deadline, Wanted, current_deadline

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(slots=True, order=True)
class _Piece:
    """Work that waits for a thread; the most urgent compares as least.

    Args:
        at: its caller's deadline, seconds of `time.monotonic`.
        number: order of arrival.
        work: the function to call.
        context: context variables to call it with.
        done: its outcome.
    """

    at: float
    number: int
    work: Callable[[], Any] = field(compare=False)
    context: Context = field(compare=False)
    done: Future[Any] = field(compare=False, default_factory=Future)


class Workers:
    """A bounded thread pool. Waiting work is taken in order of its callers' deadlines.

    If a caller gives up, its waiting work is dropped at once; running work learns it from its `current_deadline`, which
    then has passed, and counts as pending until it ends.

    Args:
        count: number of threads.
        max_pending: pieces of work in hand, running ones included, before new ones are refused.
    """

    def __init__(self, count: int, max_pending: int) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="worker")
        self._max_pending = max_pending
        self._lock = Lock()
        self._waiting: list[_Piece] = []
        self._arrived = 0
        self._pending = 0
        self._running = 0

    @property
    def has_backlog(self) -> bool:
        """Whether a piece waits for a thread."""
        return self._pending > self._running

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the work in a thread, in the caller's context, and return its result.

        Raises:
            Overloaded: `max_pending` pieces are waiting or running already.
            DeadlineExpired: the caller's time is used up.
        """
        deadline = current_deadline.get()
        deadline.check()
        caller, context = Caller(), copy_context()
        context.run(current_deadline.set, Wanted(deadline.at, caller))
        piece = self._put(deadline, partial(work, *args, **kwargs), context)
        try:
            return await asyncio.wrap_future(piece.done)
        except asyncio.CancelledError:
            caller.go()
            self._leave(piece)
            raise

    def close(self) -> None:
        """Take no more work and drop what waits; running work finishes."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _put(self, deadline: Deadline, work: Callable[[], Any], context: Context) -> _Piece:
        with self._lock:
            if self._pending >= self._max_pending:
                raise Overloaded("Too many tasks are waiting. Try again in a moment.", limit=str(self._max_pending))
            self._pending += 1
            self._arrived += 1
            piece = _Piece(deadline.at, self._arrived, work, context)
            heapq.heappush(self._waiting, piece)
        self._pool.submit(self._work_on_the_next)
        return piece

    def _leave(self, piece: _Piece) -> None:
        """Drop a piece of work that is no longer wanted, if it has not begun."""
        with self._lock:
            if piece in self._waiting:
                self._waiting.remove(piece)
                heapq.heapify(self._waiting)
                self._pending -= 1

    def _work_on_the_next(self) -> None:
        with self._lock:
            if not self._waiting:
                return  # the piece was dropped
            piece = heapq.heappop(self._waiting)
            self._running += 1
        try:
            if piece.done.set_running_or_notify_cancel():
                _finish(piece)
        finally:
            del piece  # else its error and this frame would keep each other alive
            with self._lock:
                self._running -= 1
                self._pending -= 1


def _finish(piece: _Piece) -> None:
    try:
        result = piece.context.run(_unless_late, piece.work)
    except BaseException as error:  # noqa: BLE001 - raised again in `run`
        piece.done.set_exception(error)
    else:
        piece.done.set_result(result)
    finally:
        del piece  # as above


def _unless_late(work: Callable[[], Any]) -> Any:
    current_deadline.get().check()
    return work()
