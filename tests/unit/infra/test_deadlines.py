"""Deadlines."""

from __future__ import annotations

from math import inf

import pytest

from biometrics.errors import DeadlineExpired
from infra.deadlines import NEVER, Deadline, current_deadline


def test_a_deadline_that_never_comes_leaves_all_time() -> None:
    """A call without a deadline goes on for ever."""
    NEVER.check()
    assert (NEVER.left_s, NEVER.has_passed, current_deadline.get()) == (inf, False, NEVER)


def test_a_deadline_that_has_passed_leaves_no_time() -> None:
    """Whoever asks after the deadline is told to stop."""
    passed = Deadline.after(-1.0)
    assert (passed.left_s, passed.has_passed) == (0.0, True)
    with pytest.raises(DeadlineExpired):
        passed.check()


def test_deadlines_are_in_order_of_time() -> None:
    """The earlier deadline is the less."""
    assert Deadline.after(1.0) < Deadline.after(60.0) < NEVER
