"""Quotas: how often a caller may do what a rule allows. They are counted in the memory of this process.

A window of time is divided into 60 slots, and a use is forgotten when its whole slot is older than the window: in no
window are there more uses than the quota, and each is forgotten at most a sixtieth of the window late. Uses are counted
before the work, so that calls at the same time cannot exceed a quota together.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence

from biometrics.errors import QuotaExceeded
from fusion.access.policy import Per, Quota, Rule
from infra.identity.visit import Visit

SLOTS = 60
MOST_COUNTED = 200_000
"""Counts that are kept at a time; beyond it those not used for longest are forgotten."""

Key = tuple[str, int, float, str, str]
"""Rule, number and window of its quota, caller, and subject or officer."""


class Uses:
    """The uses within one window."""

    __slots__ = ("_slots", "_total")

    def __init__(self) -> None:
        self._slots: deque[list[int]] = deque()
        self._total = 0

    def wait_s(self, quota: Quota, now: float) -> float:
        """Seconds until another use is allowed; 0: it is now."""
        length = quota.window_s / SLOTS
        slots = self._slots
        while slots and (slots[0][0] + 1) * length + quota.window_s <= now:
            self._total -= slots.popleft()[1]
        if self._total < quota.count:
            return 0.0
        left = self._total
        for number, count in slots:
            left -= count
            if left < quota.count:
                return (number + 1) * length + quota.window_s - now
        return quota.window_s

    def add(self, quota: Quota, now: float) -> list[int]:
        """Count a use; returns its slot."""
        number = int(now / (quota.window_s / SLOTS))
        if not self._slots or self._slots[-1][0] < number:
            self._slots.append([number, 0])
        self._slots[-1][1] += 1
        self._total += 1
        return self._slots[-1]

    def take_back(self, slot: list[int]) -> None:
        """The use in this slot did not count after all; nothing happens if it is forgotten already."""
        if slot[1] and any(each is slot for each in self._slots):
            slot[1] -= 1
            self._total -= 1


Charge = tuple[Uses, list[int], Quota]


class Quotas:
    """Counts uses.

    Args:
        clock: returns seconds, rising.
        most: counts kept at a time.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, most: int = MOST_COUNTED) -> None:
        self._clock, self._most = clock, most
        self._uses: OrderedDict[Key, Uses] = OrderedDict()

    def charge(self, rules: Sequence[Rule], visit: Visit, subjects: Sequence[str]) -> list[Charge]:
        """Count a use by all quotas of these rules, or by none.

        Args:
            rules: that allow the call.
            visit: who calls.
            subjects: that the call concerns.

        Raises:
            QuotaExceeded: one is used up.
        """
        now = self._clock()
        counts = [(self._of(key), quota) for rule in rules for key, quota in _keys(rule, visit, subjects)]
        waits = [(uses.wait_s(quota, now), quota) for uses, quota in counts]
        wait_s, quota = max(waits, key=lambda each: each[0], default=(0.0, None))
        if wait_s > 0 and quota is not None:
            message = f"The policy allows {quota}, and that is used up. Wait, or ask the operator."
            raise QuotaExceeded(message, retry_after_s=wait_s, per=quota.per.value, count=str(quota.count))
        return [(uses, uses.add(quota, now), quota) for uses, quota in counts]

    def _of(self, key: Key) -> Uses:
        uses = self._uses.get(key)
        if uses is None:
            uses = self._uses[key] = Uses()
            if len(self._uses) > self._most:
                self._uses.popitem(last=False)
        self._uses.move_to_end(key)
        return uses


def take_back_misses(charges: list[Charge]) -> None:
    """Take back, once, the uses that count only if the outcome is not MATCH: it was, or there is none."""
    while charges:
        uses, slot, quota = charges.pop()
        if quota.only_misses:
            uses.take_back(slot)


def _keys(rule: Rule, visit: Visit, subjects: Sequence[str]) -> Iterator[tuple[Key, Quota]]:
    for number, quota in enumerate(rule.quotas):
        whose = subjects if quota.per is Per.SUBJECT else (visit.intent.officer if quota.per is Per.OFFICER else "",)
        for each in whose:
            yield (rule.name, number, quota.window_s, visit.caller.name, each), quota
