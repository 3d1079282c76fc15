"""Time budget of a call: each step may use what is left, except a reserve for the steps after it."""

from __future__ import annotations

from infra.deadlines import Deadline

RESERVE_S = 1.0
"""Largest reserve, in seconds, that a step leaves for those after it."""

RESERVE_SHARE = 0.15
"""Largest reserve as a share of the time that is left."""


def step_s(deadline: Deadline) -> float:
    """Seconds that the next step may take: all that is left except a reserve of 1 s or 15 %, whichever is less.

    If a service hangs, the step that waits for it thus ends before the caller's deadline, and the rest (decision,
    answer) still happens. Each later step leaves a reserve in its turn. Example, deadline in 10 s:

        first step 9.0 s; then 1.0 s is left, so the second step has 0.85 s, and a third one 0.13 s
    """
    left = deadline.left_s
    return left - min(RESERVE_S, RESERVE_SHARE * left)
