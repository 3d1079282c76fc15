"""Duplicate sweeps of a real store: the pairs are those of a comparison of all with all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from itertools import combinations
from math import log10
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from biometrics.errors import FieldInvalid, ServiceUnavailable
from biometrics.sample import Sample
from biometrics.template import Modality, Position, Template
from fusion.bulk.sweep.sweeping import SweepKind
from fusion.bulk.sweep.threshold import Threshold
from fusion.bulk.work.outcomes import Detail
from fusion.jobs.values import JobState
from fusion.matching.matchers import Found, Hit
from gallery.store.values import ConsistencyToken
from tests.support import builders
from tests.support.jobs.bulk_office import Bulk, bulk_office
from tests.unit.fusion.bulk.swept import enrolled, eye, face, pairs
from tests.unit.fusion.world import model

PEOPLE = 2000


@pytest.fixture
async def bulk(tmp_path: Path) -> AsyncIterator[Bulk]:
    """A process that sweeps."""
    async with bulk_office(tmp_path, SweepKind) as bulk:
        yield bulk


class LineMatcher:
    """A Matcher of faces on a line: the LLR of two is 6 minus their distance."""

    modality = Modality.FACE

    def __init__(self, places: dict[str, float]) -> None:
        self.ids = sorted(places)
        self.places = np.array([places[each] for each in self.ids])

    async def search(self, probe: Sample, gallery: str, limit: int, token: ConsistencyToken, timeout_s: float) -> Found:
        """The nearest."""
        distances = np.abs(self.places - float(probe.source.data))
        nearest = np.lexsort((np.arange(len(self.ids)), distances))[:limit].tolist()
        hits = [Hit(self.ids[n], 6.0 - float(distances[n]), Position.FACE, 1) for n in nearest]
        return Found(hits, len(self.ids))

    async def compare(self, probe: Template, references: Sequence[Template], timeout_s: float) -> list[float]:
        """By distance."""
        return [6.0 - abs(float(probe.data) - float(each.data)) for each in references]


async def test_pairs_are_those_of_all_with_all(bulk: Bulk) -> None:
    """Among 2,000 every pair from the threshold on is reported once, and no other one."""
    rng = np.random.default_rng(7)
    places = {f"p{n:04}": float(rng.uniform(0, 20_000)) for n in range(PEOPLE)}
    bulk.tools.matchers[Modality.FACE] = LineMatcher(places)  # type: ignore[index]
    for subject_id, place in places.items():
        await bulk.store.enroll(builders.enrolment(subject_id, face(repr(place))))
    expected = 50.0
    threshold = log10(PEOPLE * (PEOPLE - 1) / 2 / expected)
    wanted = [
        f"{one} {other}"
        for one, other in combinations(sorted(places), 2)
        if 6.0 - abs(places[one] - places[other]) >= threshold
    ]
    job, results = await bulk.done("duplicate-sweep", {"expected_false_pairs": expected})
    assert JobState.DONE is job.state, job.error
    assert len(wanted) > 100
    assert wanted == sorted(pairs(results))
    assert sorted(places) == [each.key for each in results if " " not in each.key]
    assert str(len(wanted)) == job.summary["facts"]["pairs reported"]


async def test_a_list_that_is_too_short_is_made_longer(bulk: Bulk) -> None:
    """Of 40 subjects of one person all pairs are found, up to the limit of one subject, which is refused by name."""
    await enrolled(
        bulk, **{f"p{n:02}": [face("same")] for n in range(16)}, **{f"q{n:02}": [face("x")] for n in range(40)}
    )
    job, results = await bulk.done("duplicate-sweep", {"expected_false_pairs": 1000})
    assert JobState.DONE is job.state, job.error
    assert [f"p{a:02} p{b:02}" for a in range(16) for b in range(a + 1, 16)] == [
        each for each in pairs(results) if each.startswith("p")
    ]
    refused = [each for each in results if each.reason]
    assert 40 - 19 == len(refused)
    assert {"FIELD_INVALID"} == {each.reason for each in refused}


async def test_modalities_that_only_one_search_compares(bulk: Bulk) -> None:
    """A pair is found by the one whose search compares the two, once; positions that differ are not compared."""
    await enrolled(
        bulk,
        a=[face("1"), eye("same")],
        b=[eye("same")],
        c=[eye("other"), face("2")],
        d=[eye("same", Position.RIGHT_EYE)],
        e=[face("3"), eye("not")],
    )
    _, results = await bulk.done("duplicate-sweep", {"expected_false_pairs": 1})
    assert ["a b"] == pairs(results)
    _, results = await bulk.done("duplicate-sweep", {"expected_false_pairs": 10, "modality": "FACE"})
    assert {"b": "FIELD_INVALID", "d": "FIELD_INVALID"} == {each.key: each.reason for each in results if each.reason}


async def test_other_modalities_are_added(bulk: Bulk) -> None:
    """What the first modality finds is decided by all: an iris that differs takes the pair away."""
    await enrolled(bulk, a=[face("x"), eye("1")], b=[face("x"), eye("1")], c=[face("x"), eye("2")])
    _, results = await bulk.done("duplicate-sweep", {"expected_false_pairs": 0.01})
    assert ["a b"] == pairs(results)
    (pair,) = [each for each in results if " " in each.key]
    (named,) = Detail.of(pair).candidates
    assert ("b", "REVIEW", 10.0) == (named.subject_id, named.outcome, named.llr)


async def test_services_that_do_not_answer(bulk: Bulk) -> None:
    """A sweep waits for its services; no pair is lost."""
    await enrolled(bulk, a=[face("x")], b=[face("x")])
    bulk.matchers[Modality.FACE].error = ServiceUnavailable("down")
    made = await bulk.jobs.create("duplicate-sweep", {"expected_false_pairs": 1})
    assert JobState.RUNNING is (await bulk.jobs.wait(made.name, 2)).state
    bulk.matchers[Modality.FACE].error = None
    assert JobState.DONE is (await bulk.jobs.wait(made.name, 60)).state
    assert ["a b"] == pairs(await bulk.results(made.name))


@pytest.mark.parametrize("expected", [None, 0, 0.0009, 1_000_001, float("nan"), "1", True])
async def test_specs(bulk: Bulk, expected: Any) -> None:
    """The number of pairs of different people must be stated, and be possible."""
    with pytest.raises(FieldInvalid):
        await bulk.jobs.create("duplicate-sweep", {"expected_false_pairs": expected})


async def test_more_pairs_than_a_part_has_room_for(bulk: Bulk) -> None:
    """Subjects whose pairs have no room in the results are refused by name; no other row is lost."""
    await enrolled(bulk, **{f"q{n:02}": [face("x")] for n in range(90)})
    job, results = await bulk.done("duplicate-sweep", {"expected_false_pairs": 100})
    assert JobState.DONE is job.state, job.error
    assert [f"q{n:02}" for n in range(90)] == [each.key for each in results if " " not in each.key]
    assert 1000 == len(results)
    assert 910 == len(set(pairs(results)))


def test_what_the_calibration_cannot_carry_is_said() -> None:
    """Where a combination of samples cannot reach the threshold, the facts say so, and what could be asked for."""
    assert not [each for each in Threshold(100, 1.0).facts(model()) if "not carried" in each]
    facts = Threshold(10_000_000, 1.0).facts(model())
    assert "one FACE: not carried" in facts
    assert "all positions of all modalities: not carried" not in facts
