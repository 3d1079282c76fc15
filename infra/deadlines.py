"""Deadlines of calls, and their early end when the caller goes away; checked by any code about to spend time."""

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
    """A point in time; an earlier deadline is less than a later one.

    Args:
        at: seconds of `time.monotonic`; infinite: no deadline.
    """

    at: float = inf

    @classmethod
    def after(cls, seconds: float) -> Self:
        """The deadline `seconds` from now."""
        return cls(time.monotonic() + seconds)

    @classmethod
    def of_call(cls, left_s: float | None, default_s: float) -> Self:
        """The deadline of a call whose caller allows `left_s` seconds; None: not stated, `default_s` applies."""
        return cls.after(default_s if left_s is None else left_s)

    @property
    def left_s(self) -> float:
        """Seconds that are left, 0 or more."""
        return max(0.0, self.at - time.monotonic())

    @property
    def has_passed(self) -> bool:
        """Whether the result is no longer wanted."""
        return time.monotonic() >= self.at

    def check(self) -> None:
        """Raise unless the result is still wanted.

        Raises:
            DeadlineExpired: the deadline has passed, or the caller has gone.
        """
        if self.has_passed:
            raise DeadlineExpired("The time for this call is used up.")

    def stopping(self, stop: Callable[[], None]) -> AbstractContextManager[None]:  # noqa: ARG002 - there is no caller
        """Context in which `stop` would be called if the caller went away; here there is no caller, so it never is."""
        return nullcontext()


class Caller:
    """The caller that waits for a piece of work, as seen by the worker thread."""

    def __init__(self) -> None:
        self.has_gone = False
        self._stops: list[Callable[[], None]] = []

    def go(self) -> None:
        """Record that the caller has gone away, and stop the work begun for it."""
        self.has_gone = True
        for stop in tuple(self._stops):
            stop()

    @contextmanager
    def stopping(self, stop: Callable[[], None]) -> Iterator[None]:
        """Context in which `stop` is called, from another thread or at once, if the caller goes away."""
        self._stops.append(stop)
        try:
            if self.has_gone:
                stop()
            yield
        finally:
            self._stops.remove(stop)


@dataclass(frozen=True, slots=True)
class Wanted(Deadline):
    """A deadline that passes early if the caller goes away.

    Args:
        caller: that waits for the work.
    """

    caller: Caller = field(default_factory=Caller, compare=False)

    @property
    def has_passed(self) -> bool:
        """Whether the result is no longer wanted."""
        return self.caller.has_gone or time.monotonic() >= self.at

    def stopping(self, stop: Callable[[], None]) -> AbstractContextManager[None]:
        """Context in which `stop` is called, from another thread, if the caller goes away."""
        return self.caller.stopping(stop)


NEVER = Deadline()

current_deadline: ContextVar[Deadline] = ContextVar("current_deadline", default=NEVER)
"""The deadline of the call that this task, or a worker thread working for it, serves."""


def seconds_left() -> float:
    """Seconds that the current call has left, 0 or more; infinite outside a call."""
    return current_deadline.get().left_s
