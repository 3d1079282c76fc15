"""False match rates claimed for other people and for another sensor."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.calibration.claims import NonMatedTail, non_mated, non_mated_by_sensor
from evaluation.calibration.margin import heaviness, margin, predicted
from evaluation.data.scores import Scored
from evaluation.metrics.effective_count import People


def sensor(seed: int, scale: float = 1.0, people: int = 60, wolves: float = 0.0) -> Scored:
    """Exponential non-mated scores of all pairs, four images per person; `wolves` is the sd of what a person adds."""
    person = np.repeat(np.arange(people), 4)
    first, second = (person[side] for side in np.triu_indices(person.size, 1))
    apart = first != second
    random = np.random.default_rng(seed)
    own = random.normal(0.0, wolves, people) if wolves else np.zeros(people)
    scores = random.exponential(scale, first.size) + own[first] + own[second]
    return Scored(scores[apart], np.zeros(apart.sum(), bool), first[apart], second[apart])


def rates(curve: tuple[np.ndarray, np.ndarray], scores: np.ndarray) -> np.ndarray:
    """The FMR claimed at each score."""
    return np.asarray(10.0 ** np.interp(scores, *curve))


@pytest.mark.parametrize("wolves", [0.0, 0.4])
def test_other_people_stay_below_the_claim(wolves: float) -> None:
    """Of fourteen sets' claims, at most three are below the FMR of twenty other sets of people, and none by half."""
    others = np.concatenate([sensor(seed, wolves=wolves).scores for seed in range(100, 120)])
    for rate in (1e-2, 1e-3):
        claims = [NonMatedTail([People(sensor(seed, wolves=wolves))]).claimed(1.0) for seed in range(14)]
        observed = [np.mean(rates(claimed, others) <= rate) for claimed in claims]
        assert sum(each > rate for each in observed) <= 3
        assert max(observed) <= 1.5 * rate


def test_the_lowest_claim_is_3_over_the_effective_count() -> None:
    """With n independent comparisons the lowest claim is 3/n, reached above the highest score seen."""
    found = NonMatedTail([People(sensor(1))])
    at, level = found.claimed(0.8)

    assert 3.0 / found.effective_count == pytest.approx(10.0 ** level[-1], rel=1e-3)
    assert at[-1] > sensor(1).scores.max()


@given(st.lists(st.integers(0, 50).map(float), min_size=2, max_size=200), st.floats(0.3, 1.0))
def test_claims_fall_strictly_from_1(scores: list[float], margin: float) -> None:
    """For any scores, tied ones too, claims fall strictly from 1 and are never below the rate observed at a knot."""
    people = np.arange(len(scores) + 1)
    scored = Scored(np.asarray(scores), np.zeros(len(scores), bool), people[:-1], people[1:])
    at, level = NonMatedTail([People(scored)]).claimed(margin)

    assert 0.0 == level[0]
    assert (np.diff(at) > 0.0).all()
    assert (np.diff(level) < 0.0).all()
    assert all(np.mean(scored.scores >= score) <= 10.0**log10 + 1e-9 for score, log10 in zip(at, level, strict=True))


def test_a_sensor_with_more_comparisons_does_not_drown_the_others() -> None:
    """Ten times as many comparisons of one sensor move the average less than half of the way to that sensor."""
    few, many, other = sensor(1, people=20), sensor(1, people=90), sensor(2, scale=2.0, people=20)
    at = np.asarray([5.0])
    alone, with_many, with_few = (
        float(NonMatedTail([People(each) for each in sensors]).share(at)[0])
        for sensors in ([many], [many, other], [few, other])
    )

    assert with_many > alone + 0.3 * (with_few - alone)


def test_a_heavier_tail_is_measured_by_its_factor() -> None:
    """A sensor whose scores spread by 1.25 has κ 0.8 (0.8 times the log10 rate); no other sensor's tail is heavier."""
    usual = NonMatedTail(non_mated_by_sensor({"a": sensor(1), "b": sensor(2)}))

    assert 0.8 == pytest.approx(heaviness(usual, People(non_mated(sensor(3, scale=1.25)))), abs=0.08)
    assert 1.0 == pytest.approx(heaviness(usual, People(non_mated(sensor(4)))), abs=0.07)
    assert heaviness(usual, People(sensor(5, people=2))) is None


def test_the_margin_covers_the_next_sensor() -> None:
    """If κ varies between sensors with sd 0.1 and four are known, the margin covers 19 in 20 further sensors."""
    random = np.random.default_rng(1)
    draws = random.normal(1.0, 0.1, (4000, 5))
    covered = [last >= predicted(seen, 4) for *seen, last in draws.tolist()]

    assert 0.94 < float(np.mean(covered))


def test_fewer_sensors_have_a_wider_margin() -> None:
    """The margin allows most for one sensor, and still allows for differences where known sensors are equal."""
    assert predicted([1.0], 1) < predicted([1.0] * 3, 3) < predicted([1.0] * 7, 7) < 1.0
    assert 0.3 == predicted([0.1, 1.0], 2)


def test_a_sensor_that_stands_out_widens_the_margin() -> None:
    """An outlier lowers κ, both among two and among three sensors."""
    alike = {name: sensor(seed) for seed, name in enumerate("abc")}

    assert margin({**alike, "c": sensor(3, scale=1.4)}) < margin(alike) - 0.05
