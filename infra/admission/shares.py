"""What each flow has admitted, and what it may have beside the others.

Flows are served in turn, so that a flow gets what the others leave of the rate, and at least its share, 1 / (flows that
have calls in hand, or had of late). A call is done at the latest when all admitted work is done, and at the latest when
its flow's own work is done at the rate of its share; the earlier of the two counts, but not less than its flow's own
work at the rate that others have left of late. Example with a rate of 2: flow A has admitted 15 s of work and B none. A
call of 1 s needs (15 + 1) / 2 = 8 s if A sends it, and 1 · 2 / 2 = 1 s if B does. If B then uses a third of the rate
for a while, a call of A needs (15 + 1) / (2 · 2/3) = 12 s. What A had admitted while it was alone may be late by what B
adds.

A flow that is alone may have all the time, but not all the places: `KEPT_FREE` of them are for flows with few calls.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import exp

from infra.admission.costs import Kind
from infra.deadlines import Deadline

SLOT_S = 0.25
"""Resolution of deadlines, in seconds: all that fall into one slot are treated as equal."""

KEPT_FREE = 1 / 8
"""Part of the places that only flows may take which have less than this part of them."""

MEMORY_S = 2.0
"""Time constant, in seconds, of the mean of what a flow has used."""

LOOK_S = 0.1
LEAST_USED = 1e-4
"""What a flow has used, in seconds of CPU per second, below which it is forgotten."""

NEVER_S = 1e12
TINY_S = 1e-9


@dataclass(slots=True, eq=False)
class Share:
    """One flow's admitted calls.

    Args:
        calls: their number.
        kinds: their number by kind.
        due: their cost, as it was estimated when they were counted, by slot of the deadline.
    """

    calls: int = 0
    kinds: dict[Kind, int] = field(default_factory=dict)
    due: dict[int, float] = field(default_factory=dict)

    @property
    def ahead(self) -> float:
        """Their summed cost, as it is estimated now, seconds of CPU."""
        return sum(kind.cost * calls for kind, calls in self.kinds.items())

    def count(self, kind: Kind, calls: int) -> None:
        """Add calls of a kind; negative: remove them."""
        self.kinds[kind] = self.kinds.get(kind, 0) + calls
        if not self.kinds[kind]:
            del self.kinds[kind]

    def plan(self, deadline: Deadline, cost: float) -> None:
        """Add cost that is due by a deadline; negative: remove it."""
        slot = slot_of(deadline)
        left = self.due.pop(slot, 0.0) + cost  # the slot is absent if what was left in it was < TINY_S
        if left >= TINY_S:
            self.due[slot] = left

    def most_beside(self, most: int) -> int:
        """How many calls there may be, of all flows, for one more of this flow to be admitted; of at most `most`."""
        return most if self.calls < KEPT_FREE * most else most - int(KEPT_FREE * most)


class Shares:
    """The flows that have calls in hand, and what flows have used of late.

    Args:
        now: clock, seconds.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now, self._looked = now, now()
        self._shares: dict[str, Share] = {}
        self._used: dict[str, float] = {}
        self._used_by_all = 0.0

    def of(self, flow: str | None) -> Share:
        """A flow's share; an empty one if it has none, or is not known."""
        share = None if flow is None else self._shares.get(flow)
        return Share() if share is None else share

    def enter(self, flow: str) -> None:
        """Count a call."""
        self._shares.setdefault(flow, Share()).calls += 1

    def leave(self, flow: str, done: float) -> None:
        """A call has ended, and its kind and cost have been removed; `done` is the cost of the work done for it."""
        share = self._shares[flow]
        share.calls -= 1
        if not share.calls:
            del self._shares[flow]
        self._look()
        self._used[flow] = self._used.get(flow, 0.0) + done / MEMORY_S
        self._used_by_all += done / MEMORY_S

    def needed_s(self, flow: str | None, cost: float, ahead: float, rate: float) -> float:
        """Seconds in which a call is expected to be done.

        Args:
            flow: of the call; None: one without any other call.
            cost: of the call, seconds of CPU.
            ahead: cost of all admitted calls.
            rate: seconds of CPU that are done per second.
        """
        own = self.of(flow).ahead + cost
        return max(min(ahead + cost, own * self._with_one(flow)) / rate, own / self.left(flow, rate))

    def left(self, flow: str | None, rate: float) -> float:
        """What others leave of the rate for a flow; at least its share."""
        self._look()
        others = self._used_by_all - (self._used.get(flow, 0.0) if flow is not None else 0.0)
        return max(rate - others, rate / self._with_one(flow))

    def _with_one(self, flow: str | None) -> int:
        """About how many flows there are, if this one has a call in hand: all that have one, or had of late."""
        is_new = flow is None or (flow not in self._shares and flow not in self._used)
        return max(1, len(self._shares), len(self._used)) + (is_new and bool(self._shares))

    def _look(self) -> None:
        now = self._now()
        if now - self._looked >= LOOK_S:
            kept = exp((self._looked - now) / MEMORY_S)
            self._used = {flow: left for flow, used in self._used.items() if (left := kept * used) > LEAST_USED}
            self._used_by_all *= kept
            self._looked = now


def slot_of(deadline: Deadline) -> int:
    """The slot of a deadline."""
    return int(min(deadline.at, NEVER_S) / SLOT_S)
