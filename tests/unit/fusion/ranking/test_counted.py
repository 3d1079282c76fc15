from __future__ import annotations

import pytest

from biometrics.calibration.expected_rarity import rarity_of_best
from biometrics.template import Modality, Position
from fusion.matching.matchers import Hit
from fusion.ranking.counted import searches_counted
from fusion.ranking.ranking import Asked, rank
from fusion.ranking.search import Searched
from fusion.samples.probes import Probe
from infra.telemetry.metrics.decisions import RARITY
from infra.telemetry.readings import watched
from tests.unit.fusion.any_search import SHIPPED
from tests.unit.fusion.world import sample, template

FACE = Modality.FACE
COMPARATOR = SHIPPED.comparators[FACE]


def searched(**more: object) -> Searched:
    """A face's list of three subjects of a gallery of 50."""
    probe = Probe(sample(FACE, "probe", Position.FACE), template(FACE, "probe"))
    scores = {"ann": 0.7, "bob": 0.3, "cid": 0.1}
    hits = {name: Hit(name, score, Position.FACE, 2) for name, score in scores.items()}
    return Searched(probe, hits, **{"subject_count": 50, **more})  # type: ignore[arg-type]


def recorded(*lists: Searched, named: tuple[str, ...]) -> tuple[int, float]:
    """How many rarities of others are counted, and their sum."""

    def state() -> tuple[int, float]:
        found = [each for each in RARITY.points() if each.labels == (COMPARATOR, "non_mated")]
        return sum(sum(each.counts) for each in found), sum(each.value for each in found)

    before = state()
    with watched():
        searches_counted(rank(lists, Asked((), None, None, 50), SHIPPED), named)
    return state()[0] - before[0], state()[1] - before[1]


def test_the_best_subject_who_is_not_named_is_counted() -> None:
    """Its score is the best of all comparisons with the others: 49 subjects of two references."""
    expected = rarity_of_best(SHIPPED.comparison(COMPARATOR, 0.3).fmr, 2 * 49)
    count, total = recorded(searched(), named=("ann",))
    assert (1, pytest.approx(expected)) == (count, total)


def test_searches_that_tell_nothing_about_others_are_not_counted() -> None:
    """Of a part of the gallery, of nobody, or of those only who are named."""
    assert (0, 0.0) == recorded(searched(is_whole=False), named=("ann",))
    assert (0, 0.0) == recorded(Searched(searched().probe, {}), named=())
    assert (0, 0.0) == recorded(searched(), named=("ann", "bob", "cid"))
