"""A clock that tests of the console set."""

from __future__ import annotations

import pytest


class Clock:
    """Seconds, as a test sets them."""

    now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


@pytest.fixture
def clock():
    """A clock that stands still."""
    return Clock()
