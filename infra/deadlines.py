"""When an answer is no longer wanted: one deadline per call, asked by whoever is about to spend time."""

from __future__ import annotations

import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from math import inf
from threading import Event
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


@dataclass(frozen=True, slots=True)
class Wanted(Deadline):
    """A deadline that passes early where the caller goes away.

    Args:
        gone: set when the caller has gone.
    """

    gone: Event = field(default_factory=Event, compare=False)

    @property
    def has_passed(self) -> bool:
        """Whether nobody waits any more."""
        return self.gone.is_set() or time.monotonic() >= self.at


NEVER = Deadline()

current_deadline: ContextVar[Deadline] = ContextVar("current_deadline", default=NEVER)
"""Of the call that this task, or the worker thread that works for it, serves."""
