"""Asks one replica of every shard, another one where the first is late or fails, and gathers the answers."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import ray
from ray.exceptions import RayError

from biometrics.errors import BiofusionError, DeadlineExpired, Overloaded, Unavailable
from gallery.cluster.messages import Refused
from gallery.cluster.replicas import Replica, ShardReplicas
from gallery.patience import IsWanted, always, check

log = logging.getLogger(__name__)

PASSING = (Unavailable, Overloaded, DeadlineExpired)
"""Errors that another replica may not have."""
LATE = 3.0
"""Another replica is asked after this many times the usual time."""
LEAST_LATE_S = 0.05
"""But not before this many seconds."""
POLL_S = 0.05
"""Interval, in seconds, at which it is checked whether the caller still waits."""

Ask = Callable[[ShardReplicas, Replica], Any]
"""Begins a call of a replica, and returns its object reference."""


@dataclass
class Gathered:
    """Answers of shards.

    Args:
        answers: by number of the shard.
        replicas: those that answered, by number of the shard.
        missing: the shards of which no replica answered.
        error: why one of them did not, if it said so.
    """

    answers: dict[int, Any] = field(default_factory=dict)
    replicas: dict[int, Replica] = field(default_factory=dict)
    missing: list[ShardReplicas] = field(default_factory=list)
    error: BiofusionError | None = None


@dataclass
class _Waiting:
    """One shard whose answer is awaited."""

    shard: ShardReplicas
    left: Iterator[Replica]
    asked: dict[Any, tuple[Replica, float]] = field(default_factory=dict)
    late_at: float = 0.0

    def ask(self, begin: Ask) -> bool:
        """Ask the next replica; returns whether there was one."""
        for replica in self.left:
            now = time.monotonic()
            self.late_at = now + max(LEAST_LATE_S, LATE * self.shard.usual_s)
            self.asked[begin(self.shard, replica)] = replica, now
            return True
        self.late_at = float("inf")
        return False


def gather(
    shards: Sequence[ShardReplicas],
    begin: Ask,
    until: float,
    is_wanted: IsWanted = always,
    first: Callable[[ShardReplicas], Sequence[Replica]] = ShardReplicas.in_turn,
) -> Gathered:
    """Ask every shard. The first answer of a shard counts; calls that are not needed any more are cancelled.

    Args:
        shards: those to ask.
        begin: begins a call.
        until: value of `time.monotonic` at which what was not answered is given up.
        is_wanted: checked every 50 ms.
        first: the replicas of a shard, in the order in which they are asked.

    Raises:
        DeadlineExpired: the result is not wanted any more.
        BiofusionError: what a shard says is wrong with the request.
    """
    found = Gathered()
    open_ = [_Waiting(shard, iter(first(shard))) for shard in shards]
    try:
        open_ = [each for each in open_ if each.ask(begin) or _give_up(each, found)]
        while open_ and time.monotonic() < until:
            check(is_wanted)
            _take(open_, found, begin, _wait_s(open_, until))
            open_ = [each for each in open_ if each.asked or _give_up(each, found)]
        found.missing += [each.shard for each in open_]
    finally:
        for each in open_:
            _cancel(each)
    return found


def _take(open_: list[_Waiting], found: Gathered, begin: Ask, wait_s: float) -> None:
    """Take the answers that are there, and ask other replicas where one failed or is late."""
    refs = {ref: each for each in open_ for ref in each.asked}
    ready, _ = ray.wait(list(refs), num_returns=1, timeout=wait_s)
    for ref in ready:
        waiting = refs[ref]
        replica, begun = waiting.asked.pop(ref)
        if _answered(waiting, ref, replica, found):
            waiting.shard.answered(time.monotonic() - begun)
            _cancel(waiting)
            open_.remove(waiting)
        elif not waiting.asked:
            waiting.ask(begin)
    for each in open_:
        if time.monotonic() >= each.late_at:
            each.ask(begin)


def _answered(waiting: _Waiting, ref: Any, replica: Replica, found: Gathered) -> bool:
    number = waiting.shard.number
    try:
        answer = ray.get(ref)
    except RayError as error:
        replica.failed()
        log.warning("A replica of shard %d failed: %s", number, type(error).__name__)
        return False
    if isinstance(answer, Refused):
        if not issubclass(answer.kind, PASSING):
            raise answer.error
        found.error = answer.error
        return False
    found.answers[number], found.replicas[number] = answer, replica
    return True


def _give_up(waiting: _Waiting, found: Gathered) -> bool:
    found.missing.append(waiting.shard)
    return False


def _wait_s(open_: Sequence[_Waiting], until: float) -> float:
    now = time.monotonic()
    return max(0.0, min(POLL_S, until - now, *(each.late_at - now for each in open_)))


def _cancel(waiting: _Waiting) -> None:
    for ref in waiting.asked:
        ray.cancel(ref)
    waiting.asked.clear()
