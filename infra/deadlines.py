"""When an answer is no longer wanted: one deadline per call, asked by whoever is about to spend time."""

from __future__ import annotations

import time
from contextvars import ContextVar
from dataclasses import dataclass
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


NEVER = Deadline()

current_deadline: ContextVar[Deadline] = ContextVar("current_deadline", default=NEVER)
"""Of the call that this task, or the worker thread that works for it, serves."""


def seconds_left() -> float:
    """What the call that this task serves has left, 0 or more; infinite where it serves none."""
    return current_deadline.get().left_s
