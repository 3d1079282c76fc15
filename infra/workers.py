"""A thread pool for work that would block the event loop: callers in turn, and of each the earliest deadline first."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any, ParamSpec, TypeAlias, TypeVar

from biometrics.errors import Overloaded
from infra.deadlines import Caller, Deadline, Wanted, current_deadline
from infra.fairness.fair_queue import FairQueue
from infra.fairness.flows import current_flow

P = ParamSpec("P")
T = TypeVar("T")

Steps: TypeAlias = Generator[None, None, T]
"""Work in steps: at each `yield`, other work may be done first. Its result is what the generator returns."""

LONG_S = 0.5
"""Thread time, in seconds, after which work in steps lets all other work of its flow go first."""

NEW_MEAN = 0.05
"""Weight of the newest step in the mean duration of a step, which is charged until the true one is known."""


@dataclass(slots=True, eq=False)
class _Piece:
    """Work that waits for a thread, or for its next step.

    Args:
        flow: that is charged for it.
        at: its caller's deadline, seconds of `time.monotonic`.
        steps: the work.
        context: context variables that its steps run with.
        charged: what its flow has been charged for the next step, seconds; None: nothing, as it need not wait.
        spent: thread time of its steps so far, seconds.
        done: its outcome.
    """

    flow: str
    at: float
    steps: Steps[Any]
    context: Context
    charged: float | None = None
    spent: float = 0.0
    done: Future[Any] = field(default_factory=Future)


class Workers:
    """A bounded thread pool. Flows take turns by the time that their work takes (`infra.fairness`).

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
        self._waiting: FairQueue[_Piece] = FairQueue()
        self._mean_s = 0.0
        self._pending = 0
        self._running = 0
        self._is_closed = False

    @property
    def has_backlog(self) -> bool:
        """Whether a piece waits for a thread."""
        return self._pending > self._running

    @property
    def waiting_count(self) -> int:
        """How many pieces wait for a thread."""
        return max(0, self._pending - self._running)

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the work in a thread, in the caller's context, and return its result.

        Raises:
            Overloaded: `max_pending` pieces are waiting or running already.
            DeadlineExpired: the caller's time is used up.
        """
        return await self.run_in_steps(_in_one(partial(work, *args, **kwargs)))

    async def run_in_steps(self, steps: Steps[T]) -> T:
        """As `run`, of work that other work may interrupt. It ends at the next step if its caller gives up."""
        deadline = current_deadline.get()
        deadline.check()
        caller, context = Caller(), copy_context()
        context.run(current_deadline.set, Wanted(deadline.at, caller))
        piece = self._put(deadline, steps, context)
        try:
            result: T = await asyncio.wrap_future(piece.done)
        except asyncio.CancelledError:
            caller.go()
            self._leave(piece)
            raise
        return result

    def close(self) -> None:
        """Take no more work and drop what waits; running work finishes."""
        self._is_closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _put(self, deadline: Deadline, steps: Steps[Any], context: Context) -> _Piece:
        with self._lock:
            if self._pending >= self._max_pending:
                raise Overloaded("Too many tasks are waiting. Try again in a moment.", limit=str(self._max_pending))
            self._pending += 1
            piece = _Piece(current_flow.get(), deadline.at, steps, context)
            self._queue(piece)
        self._pool.submit(self._work_on_the_next)
        return piece

    def _queue(self, piece: _Piece) -> None:
        piece.charged = self._mean_s
        self._waiting.put(piece.flow, (piece.spent > LONG_S, piece.at), piece, self._mean_s)

    def _leave(self, piece: _Piece) -> None:
        """Drop a piece of work that is no longer wanted, if it waits."""
        with self._lock:
            if self._waiting.drop(piece.flow, piece):
                self._pending -= 1
                piece.steps.close()

    def _work_on_the_next(self) -> None:
        with self._lock:
            if not self._waiting:
                return  # the piece was dropped
            piece = self._waiting.take()
            self._running += 1
        is_over = True
        try:
            is_over = not (piece.done.running() or piece.done.set_running_or_notify_cancel()) or self._advance(piece)
        finally:
            with self._lock:
                self._running -= 1
                if is_over:
                    self._pending -= 1
                else:
                    self._queue(piece)
            del piece  # else its error and this frame would keep each other alive
        if not is_over:
            self._pool.submit(self._work_on_the_next)

    def _advance(self, piece: _Piece) -> bool:
        """Take steps until the work is over, or other work waits; returns whether it is over."""
        try:
            while True:
                begin = time.perf_counter()
                try:
                    piece.context.run(_step, piece.steps)
                finally:
                    self._charge(piece, time.perf_counter() - begin)
                if self._waiting and not self._is_closed:
                    return False
        except StopIteration as end:
            piece.done.set_result(end.value)
        except BaseException as error:  # noqa: BLE001 - raised again in `run`
            piece.done.set_exception(error)
        finally:
            del piece  # as above
        return True

    def _charge(self, piece: _Piece, took_s: float) -> None:
        with self._lock:
            if piece.charged is None:
                self._waiting.skip(piece.flow, took_s)
            else:
                self._waiting.charge(piece.flow, took_s - piece.charged)
            self._mean_s += NEW_MEAN * (took_s - self._mean_s)
        piece.charged = None
        piece.spent += took_s


def completed(steps: Steps[T]) -> T:
    """The result of work in steps, done here and now."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result


def _step(steps: Steps[Any]) -> None:
    current_deadline.get().check()
    next(steps)


def _in_one(work: Callable[[], T]) -> Steps[T]:
    """Work in one step."""
    return work()
    yield
