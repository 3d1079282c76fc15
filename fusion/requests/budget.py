"""The time of one call, spent by whoever needs it, less what the others need to answer all the same."""

from __future__ import annotations

from infra.deadlines import Deadline

RESERVE_S = 1.0
"""No step leaves more than this for those after it."""

RESERVE_SHARE = 0.15
"""Of the time that is left: what a step leaves at the most."""


def step_s(deadline: Deadline) -> float:
    """Seconds that the next step may take: all that is left but a reserve.

    Where a service hangs, the step that waits for it ends that much before the caller gives up, and the rest (the other
    services' answers, the decision, the answer) still happens. Each later step leaves a reserve in its turn.
    """
    left = deadline.left_s
    return left - min(RESERVE_S, RESERVE_SHARE * left)
