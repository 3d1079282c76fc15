"""A queue of several flows: each flow in turn by what it has cost so far, and within a flow the most urgent first.

Start-time fair queueing (Goyal, Vin and Cheng, 1996). A flow is charged for all that is taken of it; the flow that was
charged least is served next. A flow that was idle joins at the charge of the flow served last: it neither saves up
turns, nor loses the debts that it still has. Example: A has 500 pieces waiting and B sends one now and then; each piece
of B is taken next, as B has been charged less. If both have pieces waiting all the time, each gets half of the time,
however many pieces or callers it sends, and however long its pieces are.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from itertools import count
from typing import Generic, TypeVar

T = TypeVar("T")

MOST_FLOWS = 1000
"""Flows that are remembered; beyond it, idle ones with the least debt are forgotten."""

Urgency = tuple[float, ...]
"""The least is the most urgent."""


@dataclass(slots=True, eq=False)
class _Flow(Generic[T]):
    """One flow.

    Args:
        charged: what it has cost, above what it missed while it was idle.
        waiting: heap of urgency, order of arrival, cost and item.
    """

    charged: float
    waiting: list[tuple[Urgency, int, float, T]] = field(default_factory=list)


class FairQueue(Generic[T]):
    """Items of several flows. Not thread-safe.

    Args:
        most: flows that are remembered; those with waiting items are never forgotten.
    """

    def __init__(self, most: int = MOST_FLOWS) -> None:
        self._most = most
        self._flows: dict[str, _Flow[T]] = {}
        self._busy: dict[str, _Flow[T]] = {}
        self._order = count()
        self._served_at = 0.0

    def __bool__(self) -> bool:
        return bool(self._busy)

    def __len__(self) -> int:
        return sum(len(each.waiting) for each in self._busy.values())

    def put(self, name: str, urgency: Urgency, item: T, cost: float) -> None:
        """Add an item to a flow, which is charged its cost when it is taken."""
        flow = self._joined(name)
        self._busy[name] = flow
        heapq.heappush(flow.waiting, (urgency, next(self._order), cost, item))

    def take(self) -> T:
        """Remove the next item; there must be one."""
        name, flow = min(self._busy.items(), key=lambda each: each[1].charged)
        *_, cost, item = heapq.heappop(flow.waiting)
        if not flow.waiting:
            del self._busy[name]
        self._serve(flow, cost)
        return item

    def skip(self, name: str, cost: float) -> None:
        """Charge a flow for an item that had not to wait."""
        self._serve(self._joined(name), cost)

    def charge(self, name: str, cost: float) -> None:
        """Correct what a flow is charged for an item that was taken, e.g. when its true cost is known."""
        flow = self._flows.get(name)
        if flow is not None:
            flow.charged += cost

    def drop(self, name: str, item: T) -> bool:
        """Remove a waiting item; returns whether it was there."""
        flow = self._busy.get(name)
        place = next((k for k, (*_, each) in enumerate(flow.waiting) if each is item), None) if flow else None
        if flow is None or place is None:
            return False
        del flow.waiting[place]
        heapq.heapify(flow.waiting)
        if not flow.waiting:
            del self._busy[name]
        return True

    def _serve(self, flow: _Flow[T], cost: float) -> None:
        self._served_at = max(self._served_at, flow.charged)
        flow.charged += cost

    def _joined(self, name: str) -> _Flow[T]:
        flow = self._flows.get(name)
        if flow is None:
            if len(self._flows) >= self._most:
                self._forget()
            flow = self._flows[name] = _Flow(self._served_at)
        elif not flow.waiting:
            flow.charged = max(flow.charged, self._served_at)
        return flow

    def _forget(self) -> None:
        """Forget idle flows without debts; if there are none, the idle one with the least."""
        idle = {name: flow.charged for name, flow in self._flows.items() if not flow.waiting}
        free = [name for name, charged in idle.items() if charged <= self._served_at]
        for name in free or sorted(idle, key=lambda each: idle[each])[:1]:
            del self._flows[name]
