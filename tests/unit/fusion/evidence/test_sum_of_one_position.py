"""fusion.evidence.dependent_sum: samples that may be of one finger or eye."""

from __future__ import annotations

import numpy as np
import pytest

from biometrics.calibration.dependence import of_positions, of_samples
from biometrics.template import Modality, Position
from fusion.decision.decision import DecisionReason
from fusion.decision.sample_remarks import remarks_on_samples
from fusion.evidence.dependent_sum import chances, fused_llr
from fusion.evidence.likeness import Relation
from tests.support.builders import equally_alike
from tests.unit.fusion.evidence.testimony import DEPENDENCES, compared, contributions, mutually


def test_samples_of_one_position_repeat_each_other() -> None:
    """The stronger sample counts in full, the other by what it adds given their likeness; both are charged."""
    given = mutually([compared(3.0, count=2), compared(4.0, count=2)], rho=0.4)
    expected = of_samples([each.llr for each in given], equally_alike(2, 0.4)).tolist()
    assert pytest.approx(expected) == contributions(*given)


def test_samples_of_unknown_likeness_count_as_one() -> None:
    """Samples that were not compared with each other together have the mean of their likelihood ratios."""
    assert pytest.approx(3.0) == sum(each or 0.0 for each in contributions(*[compared(3.0)] * 5))
    assert pytest.approx(np.log10((1000 + 10) / 2)) == fused_llr([compared(3.0), compared(1.0)], DEPENDENCES, {})


@pytest.mark.parametrize("count", range(2, 11))
def test_a_sample_sent_again_adds_nothing(count: int) -> None:
    """Copies of a sample are worth one, and the decision states SAME_SAMPLE_TWICE."""
    given = mutually([compared(3.58)] * count, Relation.SAME_SAMPLE, rho=1.0)
    assert pytest.approx(3.58) == fused_llr(given, DEPENDENCES, {})
    assert [DecisionReason.SAME_SAMPLE_TWICE] == remarks_on_samples(given)


def test_samples_of_one_position_claim_no_more_than_one_may() -> None:
    """Any number of captures of one position has at most the calibration's highest LLR."""
    given = mutually([compared(3.5)] * 4, rho=0.1)
    assert 3.6 == pytest.approx(fused_llr(given, DEPENDENCES, {"c": 3.6}))
    assert fused_llr(given, DEPENDENCES, {}) > 7.0


def test_one_finger_under_two_positions_counts_as_one() -> None:
    """A finger under two positions, or an eye as left and right, counts once, and is remarked on."""
    fingers = mutually([compared(3.0), compared(3.0, Position.RIGHT_THUMB)], Relation.SAME_SOURCE, rho=0.9)
    eyes = [compared(2.0, eye, modality=Modality.IRIS) for eye in (Position.LEFT_EYE, Position.RIGHT_EYE)]
    alike = mutually(eyes, Relation.SAME_SAMPLE, rho=1.0)
    assert pytest.approx(of_samples([3.0, 3.0], equally_alike(2, 0.9)).sum()) == fused_llr(fingers, DEPENDENCES, {})
    assert [DecisionReason.POSITIONS_ALIKE] == remarks_on_samples(fingers)
    assert pytest.approx(2.0) == fused_llr(alike, DEPENDENCES, {})
    assert [DecisionReason.SAME_SAMPLE_TWICE, DecisionReason.POSITIONS_ALIKE] == remarks_on_samples(alike)


def test_two_fingers_under_one_position_are_not_added_up() -> None:
    """If two samples of one position differ, this is remarked on, and the mean of both counts."""
    given = mutually([compared(3.0), compared(3.0)], Relation.OTHER_SOURCE, rho=1.0)
    assert pytest.approx(3.0) == fused_llr(given, DEPENDENCES, {})
    assert [DecisionReason.SAMPLES_DIFFER] == remarks_on_samples(given)


def test_fingers_of_unknown_position_that_differ_are_two() -> None:
    """Samples that differ and match two fingers of the subject count as two positions."""
    given = [compared(3.0, Position.UNKNOWN, finger) for finger in (Position.RIGHT_INDEX, Position.RIGHT_THUMB)]
    differing = mutually(given, Relation.OTHER_SOURCE, rho=1.0)
    assert pytest.approx(of_positions([3.0, 3.0], 0.2).sum()) == fused_llr(differing, DEPENDENCES, {})
    assert [] == remarks_on_samples(differing)


def test_two_pieces_of_one_print_are_one_finger() -> None:
    """Two halves of a print differ, but match the same reference, so they count as one."""
    halves = mutually([compared(3.0, Position.UNKNOWN, Position.RIGHT_INDEX)] * 2, Relation.OTHER_SOURCE, rho=1.0)
    assert pytest.approx(3.0) == fused_llr(halves, DEPENDENCES, {})


def test_samples_of_one_position_that_disagree_are_remarked_on() -> None:
    """Of two samples of unknown likeness one supports a match and one clearly opposes it: SAMPLES_DIFFER."""
    given = [compared(4.5), compared(-1.5)]
    assert [DecisionReason.SAMPLES_DIFFER] == remarks_on_samples(given)
    assert [] == remarks_on_samples(mutually(given, Relation.SAME_SOURCE))
    assert [] == remarks_on_samples([compared(4.5), compared(-0.5)])


@pytest.mark.parametrize(("rho", "expected"), [(1.0, 5), (0.4, 9)])
def test_samples_that_count_as_one_are_charged_as_one(rho: float, expected: int) -> None:
    """The best of five and the best of four comparisons are nine comparisons, unless the samples count as one."""
    assert expected == chances(mutually([compared(3.0, count=5), compared(3.0, count=4)], rho=rho))
