from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from threading import current_thread, main_thread
from typing import Any

from biometrics.template import Modality
from gallery.index.exact import ExactIndex
from infra.images.decode import ImageLimits
from infra.images.guard.lanes import Lanes
from infra.workers import Workers
from services.loop_share import TURN_S, LoopShare
from services.recognizer import Recognizer
from tests.support.builders import vector
from tests.support.fakes.comparators import VectorComparator
from tests.support.fakes.memory_store import MemoryStore
from tests.unit.cli.local.test_local_matcher import BrokenExtractor
from tests.unit.fusion.world import calibration


@dataclass
class Clock:
    """A clock that advances only with the work done."""

    now: float = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


@dataclass
class Taking(VectorComparator):
    """A comparator that advances the clock, and records where it was called."""

    clock: Clock = field(default_factory=Clock)
    takes_s: float = 0.0
    on_loop: list[bool] = field(default_factory=list)

    def compare(self, probes: Any, references: Any) -> Any:
        """Shape (probes, references)."""
        self.clock.now += self.takes_s
        self.on_loop.append(current_thread() is main_thread())
        return super().compare(probes, references)


async def test_the_limit_applies_to_each_iteration_of_the_loop() -> None:
    """Work counts for the iteration in which it is done."""
    clock = Clock()
    turn = LoopShare(1.0, clock)

    def work() -> str:
        clock.now += 0.6
        return "done"

    assert ["done", "done"] == [turn.spend(work) for _ in range(2) if turn.has_room]
    assert not turn.has_room
    await asyncio.sleep(0)  # the next iteration, without waiting
    assert turn.has_room


async def test_many_small_comparisons_do_not_block_the_loop() -> None:
    """Of simultaneous comparisons those that exceed an iteration's limit go to threads; all are made."""
    comparator = Taking(takes_s=0.4 * TURN_S)
    parts = (calibration(Modality.FINGERPRINT), ExactIndex(MemoryStore(), comparator))
    rest = (Workers(1, 99), Workers(1, 99), Lanes(1, 99, ImageLimits()), 1, LoopShare(clock=comparator.clock))
    recognizer = Recognizer(BrokenExtractor(), comparator, *parts, *rest)
    template = vector([2, 0, 0, 0])
    scores = await asyncio.gather(*(recognizer.scores(template, [template]) for _ in range(8)))
    assert [[4.0]] * 8 == scores
    assert (3, 5) == (comparator.on_loop.count(True), comparator.on_loop.count(False))
