"""fusion.evidence.dependent_sum: samples that may be of one finger or eye."""

from __future__ import annotations

import numpy as np
import pytest

from biometrics.calibration.dependence import of_positions, of_samples
from biometrics.template import Modality, Position
from fusion.decision.decision import DecisionReason
from fusion.decision.doubts import remarks_on_samples
from fusion.evidence.dependent_sum import chances, fused_llr
from fusion.evidence.likeness import Relation
from tests.support.builders import equally_alike
from tests.unit.fusion.evidence.testimony import DEPENDENCES, compared, contributions, mutually


def test_samples_of_one_position_repeat_each_other() -> None:
    """The stronger counts in full, the other what it adds by their likeness, both charged for their comparisons."""
    given = mutually([compared(3.0, count=2), compared(4.0, count=2)], rho=0.4)
    expected = of_samples([each.llr for each in given], equally_alike(2, 0.4)).tolist()
    assert pytest.approx(expected) == contributions(*given)


def test_samples_of_unknown_likeness_count_as_one() -> None:
    """Where nobody compared them with each other, several are worth the mean of their likelihood ratios."""
    assert pytest.approx(3.0) == sum(each or 0.0 for each in contributions(*[compared(3.0)] * 5))
    assert pytest.approx(np.log10((1000 + 10) / 2)) == fused_llr([compared(3.0), compared(1.0)], DEPENDENCES, {})


@pytest.mark.parametrize("count", range(2, 11))
def test_a_sample_sent_again_adds_nothing(count: int) -> None:
    """Ten copies are worth one; and it is said."""
    given = mutually([compared(3.58)] * count, Relation.SAME_SAMPLE, rho=1.0)
    assert pytest.approx(3.58) == fused_llr(given, DEPENDENCES, {})
    assert [DecisionReason.SAME_SAMPLE_TWICE] == remarks_on_samples(given)


def test_samples_of_one_position_claim_no_more_than_the_people_behind_one() -> None:
    """However many captures: who is taken for somebody else is so in each of them."""
    given = mutually([compared(3.5)] * 4, rho=0.1)
    assert 3.6 == pytest.approx(fused_llr(given, DEPENDENCES, {"c": 3.6}))
    assert fused_llr(given, DEPENDENCES, {}) > 7.0


def test_one_finger_under_two_positions_counts_as_one() -> None:
    """So does one eye as left and right: it is said, and not added up."""
    fingers = mutually([compared(3.0), compared(3.0, Position.RIGHT_THUMB)], Relation.SAME_SOURCE, rho=0.9)
    eyes = [compared(2.0, eye, modality=Modality.IRIS) for eye in (Position.LEFT_EYE, Position.RIGHT_EYE)]
    alike = mutually(eyes, Relation.SAME_SAMPLE, rho=1.0)
    assert pytest.approx(of_samples([3.0, 3.0], equally_alike(2, 0.9)).sum()) == fused_llr(fingers, DEPENDENCES, {})
    assert [DecisionReason.POSITIONS_ALIKE] == remarks_on_samples(fingers)
    assert pytest.approx(2.0) == fused_llr(alike, DEPENDENCES, {})
    assert [DecisionReason.SAME_SAMPLE_TWICE, DecisionReason.POSITIONS_ALIKE] == remarks_on_samples(alike)


def test_two_fingers_under_one_position_are_not_added_up() -> None:
    """Their comparison says that they are two: it is said, and the mean of both counts."""
    given = mutually([compared(3.0), compared(3.0)], Relation.OTHER_SOURCE, rho=1.0)
    assert pytest.approx(3.0) == fused_llr(given, DEPENDENCES, {})
    assert [DecisionReason.SAMPLES_DIFFER] == remarks_on_samples(given)


def test_fingers_of_unknown_position_that_differ_are_two() -> None:
    """Where they look like two fingers, and match two of the subject's, they count as two positions."""
    given = [compared(3.0, Position.UNKNOWN, finger) for finger in (Position.RIGHT_INDEX, Position.RIGHT_THUMB)]
    differing = mutually(given, Relation.OTHER_SOURCE, rho=1.0)
    assert pytest.approx(of_positions([3.0, 3.0], 0.2).sum()) == fused_llr(differing, DEPENDENCES, {})
    assert [] == remarks_on_samples(differing)


def test_two_pieces_of_one_print_are_one_finger() -> None:
    """Halves look like two fingers, but match the same reference, so they count as one."""
    halves = mutually([compared(3.0, Position.UNKNOWN, Position.RIGHT_INDEX)] * 2, Relation.OTHER_SOURCE, rho=1.0)
    assert pytest.approx(3.0) == fused_llr(halves, DEPENDENCES, {})


def test_samples_of_one_position_that_say_opposite_things_are_said() -> None:
    """Also where nobody knows how alike they are: one for a match, one clearly against it."""
    given = [compared(4.5), compared(-1.5)]
    assert [DecisionReason.SAMPLES_DIFFER] == remarks_on_samples(given)
    assert [] == remarks_on_samples(mutually(given, Relation.SAME_SOURCE))
    assert [] == remarks_on_samples([compared(4.5), compared(-0.5)])


@pytest.mark.parametrize(("rho", "expected"), [(1.0, 5), (0.4, 9)])
def test_samples_that_count_as_one_had_the_chances_of_one(rho: float, expected: int) -> None:
    """The best of five and the best of four comparisons: nine chances where they say different things."""
    assert expected == chances(mutually([compared(3.0, count=5), compared(3.0, count=4)], rho=rho))
