"""A search that leaves a subject out answers as one of a store that never had it, however deep the lists are."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from biometrics.template import Modality
from fusion.duplicates.found import Duplicates, look_for_duplicates
from fusion.ranking.identification import Identification, answer
from fusion.ranking.ranking import Asked
from fusion.ranking.search import LeftOut, Where
from fusion.ranking.whole_search import search_and_rank
from fusion.samples.probes import Probe
from gallery.store.values import START
from infra.deadlines import Deadline
from tests.unit.fusion.test_exhaustive import ScoreMatcher, Scores, random_world, world_that_hides
from tests.unit.fusion.world import model, sample, template

SELF = "aaa-self"


async def answered(world: Mapping[Modality, Scores], *left_out: LeftOut) -> tuple[Identification, Duplicates]:
    """The answers of an identification and of a duplicate check."""
    services = {modality: ScoreMatcher(modality, scores) for modality, scores in world.items()}
    probes = [Probe(sample(each, "p"), template(each, "p"), number=n) for n, each in enumerate(world)]
    others = len({i for scores in world.values() for i in scores}) - len(left_out)
    where, asked = Where("default", START, left_out), Asked((), None, None, others)
    ranking = await search_and_rank(probes, where, asked, services, model(), Deadline.after(60.0))
    duplicates = await look_for_duplicates(probes, where, asked, services, model(), Deadline.after(60.0), 100)
    return answer(ranking, 100), duplicates


def with_self(world: Mapping[Modality, Scores], score: float) -> dict[Modality, Scores]:
    """The same with one more subject, of this score in every modality."""
    return {modality: {**scores, SELF: score} for modality, scores in world.items()}


@pytest.mark.parametrize("subject_count", [1, 50, 99, 100, 101, 900, 3000])
@pytest.mark.parametrize("mated", [-2.5, 1.0, 4.0])
async def test_the_subject_at_rank_1_is_left_out_as_if_it_were_not_there(mated: float, subject_count: int) -> None:
    """Candidates, decisions, posteriors, gap, bound and count are equal in every digit."""
    world = random_world(7, subject_count, mated)
    own = LeftOut(SELF, frozenset(Modality))
    assert await answered(world) == await answered(with_self(world, 6.0), own)


@pytest.mark.parametrize("depth", [150, 998, 1100])
async def test_longer_lists_leave_it_out_too(depth: int) -> None:
    """Where only longer lists find the best subject, or may miss it, the outcome is the same as without the subject.

    A service returns 1,000 subjects at the most, so the longest list has one other less: never more certain, and
    REVIEW where the last one matters.
    """
    world = world_that_hides(depth)
    own = LeftOut(SELF, frozenset(Modality))
    without, _ = await answered(world)
    found, _ = await answered(with_self(world, 6.0), own)
    assert (without.decision.outcome, without.subject_id) == (found.decision.outcome, found.subject_id)


async def test_two_subjects_may_be_left_out() -> None:
    """The subject of the samples and the one of an enrolled encounter may differ."""
    world = random_world(7, 300, 4.0)
    more = {modality: {**scores, "b-twin": 5.5} for modality, scores in with_self(world, 6.0).items()}
    own = [LeftOut(each, frozenset(Modality)) for each in (SELF, "b-twin")]
    assert await answered(world) == await answered(more, *own)
