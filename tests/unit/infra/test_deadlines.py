"""Deadlines."""

from __future__ import annotations

from math import inf

import pytest

from biometrics.errors import DeadlineExpired
from infra.deadlines import NEVER, Deadline, current_deadline


def test_an_infinite_deadline_never_passes() -> None:
    """A call without a deadline has unlimited time."""
    NEVER.check()
    assert (NEVER.left_s, NEVER.has_passed, current_deadline.get()) == (inf, False, NEVER)


def test_a_passed_deadline_raises() -> None:
    """Work that checks the deadline after it has passed is stopped."""
    passed = Deadline.after(-1.0)
    assert (passed.left_s, passed.has_passed) == (0.0, True)
    with pytest.raises(DeadlineExpired):
        passed.check()


def test_deadlines_are_ordered_by_time() -> None:
    """An earlier deadline is less than a later one."""
    assert Deadline.after(1.0) < Deadline.after(60.0) < NEVER
