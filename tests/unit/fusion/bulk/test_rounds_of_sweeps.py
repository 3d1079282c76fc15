"""Sweeps of galleries that change meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from fusion.bulk.sweep.rounds import MOST_ROUNDS
from fusion.bulk.sweep.sweeping import SweepKind
from fusion.jobs.parts import Row
from fusion.jobs.values import JobState
from gallery.store.values import ConsistencyToken
from tests.support.jobs.bulk_office import Bulk, bulk_office
from tests.unit.fusion.bulk.swept import enrolled, face, pairs


@pytest.fixture
async def bulk(tmp_path: Path) -> AsyncIterator[Bulk]:
    """A process that sweeps."""
    async with bulk_office(tmp_path, SweepKind) as bulk:
        yield bulk


class LateKind:
    """A sweep; before the work of each of its parts something else is done.

    Args:
        bulk: whose sweep it is.
        meanwhile: what is done; the parts that come later are only worked on.
    """

    name = "duplicate-sweep"

    def __init__(self, bulk: Bulk, meanwhile: Sequence[Callable[[], Awaitable[None]]]) -> None:
        self._kind, self._meanwhile, self.parts = SweepKind(bulk.tools), meanwhile, 0
        self.validate, self.plan, self.finish = self._kind.validate, self._kind.plan, self._kind.finish
        bulk.engine.kinds["duplicate-sweep"] = self  # type: ignore[index]

    async def work(self, part: Any, context: Any) -> AsyncIterator[Row]:
        """After the parts were planned."""
        self.parts += 1
        if self.parts <= len(self._meanwhile):
            await self._meanwhile[self.parts - 1]()
        async for row in self._kind.work(part, context):
            yield row


async def test_changes_meanwhile(bulk: Bulk) -> None:
    """Subjects that change after the beginning are searched for again; pairs are told once, none of removed ones."""
    await enrolled(bulk, a=[face("x")], b=[face("x")], c=[face("y")], gone=[face("x")], other=[face("z")])

    async def changed() -> None:
        await bulk.store.delete("gone", "11111111-1111-4111-8111-111111111111", "d")
        await enrolled(bulk, late=[face("x")], late2=[face("y")])

    LateKind(bulk, [changed])
    job, results = await bulk.done("duplicate-sweep", {"expected_false_pairs": 5})
    assert JobState.DONE is job.state, job.error
    assert ["a b", "a late", "b late", "c late2"] == sorted(pairs(results))


async def test_changes_while_changed_subjects_are_searched_for(bulk: Bulk) -> None:
    """Who changes while those who changed are searched for is searched for too; it is told up to which change."""
    await enrolled(bulk, a=[face("x")], b=[face("y")])
    late = LateKind(bulk, [partial(enrolled, bulk, **{f"late{n}": [face("x")]}) for n in range(3)])
    job, results = await bulk.done("duplicate-sweep", {"expected_false_pairs": 5})
    assert (JobState.DONE, 4) == (job.state, late.parts), job.error
    assert ["a late0", "a late1", "a late2", "late0 late1", "late0 late2", "late1 late2"] == sorted(pairs(results))
    facts = job.summary["facts"]
    assert "3" == facts["rounds of changes"]
    searched = ConsistencyToken(facts["changes searched until"])
    assert bulk.store.reached(searched, await bulk.store.position())
    await enrolled(bulk, later=[face("x")])
    (change,) = await bulk.store.changes(searched, 10, 0.0)
    (named,) = (await bulk.store.subjects_named([(change.partition, change.name)])).values()
    assert "later" == named.subject_id


async def test_a_gallery_that_is_written_to_all_the_time(bulk: Bulk) -> None:
    """A sweep ends after ten rounds, and its position says that the last change was not searched for."""
    await enrolled(bulk, a=[face("x")])
    late = LateKind(bulk, [partial(enrolled, bulk, **{f"late{n:02}": [face(str(n))]}) for n in range(20)])
    job, _ = await bulk.done("duplicate-sweep", {"expected_false_pairs": 5})
    assert (JobState.DONE, 1 + MOST_ROUNDS) == (job.state, late.parts), job.error
    facts = job.summary["facts"]
    assert "10, the most that are made" == facts["rounds of changes"]
    (change,) = await bulk.store.changes(ConsistencyToken(facts["changes searched until"]), 10, 0.0)
    (named,) = (await bulk.store.subjects_named([(change.partition, change.name)])).values()
    assert "late10" == named.subject_id


async def test_a_store_of_many_partitions(tmp_path: Path) -> None:
    """Where it was is kept once for a sweep, not with each of its parts, and in the parts of rounds."""
    async with bulk_office(tmp_path, SweepKind, partition_count=1024) as bulk:
        await enrolled(bulk, **{f"s{number}": [face(str(number))] for number in range(150)}, a=[face("x")])

        async def changed() -> None:
            await enrolled(bulk, late=[face("x")])

        LateKind(bulk, [changed])
        job, results = await bulk.done("duplicate-sweep", {"expected_false_pairs": 1.0})
        places = [each.part.place for each in await bulk.tools.rows.chunks(job, 0, 10)]
    assert (JobState.DONE, ["a late"]) == (job.state, pairs(results))
    assert [True, False, False] == ["token" in each for each in places]
    assert [False, False, True] == ["until" in each for each in places]
    assert "changes searched until" in job.summary["facts"]
