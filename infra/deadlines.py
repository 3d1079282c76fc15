"""When an answer is no longer wanted: one deadline per call, asked by whoever is about to spend time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from math import inf
from typing import Self

from biometrics.errors import DeadlineExpired


@dataclass(frozen=True, slots=True, order=True)
class Deadline:
    """A moment; the earlier is the less.

    Args:
        at: seconds of `time.monotonic`; infinite: never.
    """

    at: float = inf

    @classmethod
    def after(cls, seconds: float) -> Self:
        """So many seconds from now."""
        return cls(time.monotonic() + seconds)

    @classmethod
    def of_call(cls, left_s: float | None, default_s: float) -> Self:
        """Of a call that has `left_s` seconds left by its caller; None, where the caller stated none: `default_s`."""
        return cls.after(default_s if left_s is None else left_s)

    @property
    def left_s(self) -> float:
        """Seconds that are left, 0 or more."""
        return max(0.0, self.at - time.monotonic())

    @property
    def has_passed(self) -> bool:
        """Whether nobody waits any more."""
        return time.monotonic() >= self.at

    def check(self) -> None:
        """Go on only while somebody waits.

        Raises:
            DeadlineExpired: nobody does.
        """
        if self.has_passed:
            raise DeadlineExpired("The time for this call is used up.")

    def stopping(self, stop: Callable[[], None]) -> AbstractContextManager[None]:  # noqa: ARG002 - nobody can go
        """Have this called, by another thread, if nobody waits any more. Nothing, where work is not done for a call."""
        return nullcontext()


class Caller:
    """Who waits for work, as the thread that does it sees them."""

    def __init__(self) -> None:
        self.has_gone = False
        self._stops: list[Callable[[], None]] = []

    def go(self) -> None:
        """Wait no more: what was begun for them is stopped."""
        self.has_gone = True
        for stop in tuple(self._stops):
            stop()

    @contextmanager
    def stopping(self, stop: Callable[[], None]) -> Iterator[None]:
        """Have this called, by another thread or at once, if the caller goes meanwhile."""
        self._stops.append(stop)
        try:
            if self.has_gone:
                stop()
            yield
        finally:
            self._stops.remove(stop)


@dataclass(frozen=True, slots=True)
class Wanted(Deadline):
    """A deadline that passes early where the caller goes.

    Args:
        caller: who waits.
    """

    caller: Caller = field(default_factory=Caller, compare=False)

    @property
    def has_passed(self) -> bool:
        """Whether nobody waits any more."""
        return self.caller.has_gone or time.monotonic() >= self.at

    def stopping(self, stop: Callable[[], None]) -> AbstractContextManager[None]:
        """Have this called, by another thread, if nobody waits any more."""
        return self.caller.stopping(stop)


NEVER = Deadline()

current_deadline: ContextVar[Deadline] = ContextVar("current_deadline", default=NEVER)
"""Of the call that this task, or the worker thread that works for it, serves."""


def seconds_left() -> float:
    """What the call that this task serves has left, 0 or more; infinite where it serves none."""
    return current_deadline.get().left_s
