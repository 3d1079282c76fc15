from __future__ import annotations

from dataclasses import replace
from math import log10
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.calibration.dependence import of_positions, of_samples
from biometrics.template import Modality, Position
from fusion.evidence.dependent_sum import contributed, fused_llr
from fusion.evidence.evidence import Evidence, EvidenceStatus
from tests.support.builders import equally_alike
from tests.unit.fusion.evidence.testimony import DEPENDENCES, compared, contributions, mutually


def missing(position: Position = Position.LEFT_INDEX) -> Evidence:
    """Evidence of a position without a sample."""
    return Evidence(Modality.FINGERPRINT, position, EvidenceStatus.PROBE_MISSING)


FINGERS = (Position.RIGHT_INDEX, Position.RIGHT_THUMB, Position.LEFT_INDEX)


def test_one_of_each_modality_is_a_plain_sum() -> None:
    """A modality's only sample contributes its own LLR, and a missing position exactly 0."""
    eye = compared(2.0, Position.LEFT_EYE, modality=Modality.IRIS)
    assert pytest.approx(5.0) == fused_llr([compared(3.0), missing(), eye], DEPENDENCES, {})
    assert [pytest.approx(3.0), 0.0, pytest.approx(2.0)] == contributions(compared(3.0), missing(), eye)


def test_best_of_several_is_charged() -> None:
    """The best of k comparisons is charged log10 k."""
    assert pytest.approx(3.0 - log10(5)) == compared(3.0, count=5).llr


def test_positions_repeat_each_other_less() -> None:
    """Two fingers are added by the rho of positions, and two eyes, of rho 0, in full."""
    fingers = [compared(3.0), compared(2.0, Position.RIGHT_THUMB)]
    eyes = [compared(3.0, eye, modality=Modality.IRIS) for eye in (Position.LEFT_EYE, Position.RIGHT_EYE)]
    assert pytest.approx(of_positions([3.0, 2.0], 0.2).tolist()) == contributions(*fingers)
    assert [3.0, 3.0] == pytest.approx(contributions(*eyes))


def test_a_modality_without_a_dependence_adds_positions_and_takes_samples_as_one() -> None:
    """The same holds for a comparator of the caller's own."""
    given = [compared(3.0), compared(3.0), compared(1.0, Position.RIGHT_THUMB)]
    assert pytest.approx(4.0) == fused_llr(given, {}, {})


@pytest.mark.parametrize(
    "unknown",
    [compared(2.0, Position.UNKNOWN, Position.RIGHT_INDEX), compared(2.0, Position.RIGHT_THUMB, Position.UNKNOWN)],
    ids=["probe", "reference"],
)
def test_unknown_position_counts_as_the_same(unknown: Evidence) -> None:
    """A sample of an unknown finger may be of one already counted, so all count as samples of one finger."""
    given = mutually([compared(3.0), unknown])
    assert pytest.approx(of_samples([3.0, 2.0], equally_alike(2, 0.4)).tolist()) == contributions(*given)


def test_unknown_finger_leaves_the_iris_alone() -> None:
    """An unknown position affects the grouping of its own modality only."""
    eyes = [compared(1.0, eye, modality=Modality.IRIS) for eye in (Position.LEFT_EYE, Position.RIGHT_EYE)]
    assert [3.0, 1.0, 1.0] == pytest.approx(contributions(compared(3.0, Position.UNKNOWN), *eyes))


def test_order_is_kept() -> None:
    """Evidence stays in the order of the samples."""
    given = [missing(), compared(1.0), compared(2.0, Position.RIGHT_THUMB)]
    assert [each.llr for each in given] == [each.llr for each in contributed(given, DEPENDENCES, {})]


SOME = st.lists(st.tuples(st.floats(-5.0, 5.0), st.sampled_from(FINGERS)), min_size=1, max_size=8)


@given(SOME, st.randoms(use_true_random=False))
def test_the_order_of_samples_does_not_matter(samples: list[tuple[float, Position]], random: Random) -> None:
    """The sum is the same in any order, and equals the sum of the contributions."""
    given = mutually([compared(llr, position) for llr, position in samples])
    total = fused_llr(given, DEPENDENCES, {})
    assert pytest.approx(total, abs=1e-9) == sum(each for each in contributions(*given) if each is not None)
    random.shuffle(given)
    assert pytest.approx(total, abs=1e-9) == fused_llr(given, DEPENDENCES, {})


@given(SOME, st.floats(0.0, 5.0))
def test_another_position_for_a_match_never_weakens_it(samples: list[tuple[float, Position]], llr: float) -> None:
    """Another finger with an LLR above 0 does not lower the sum."""
    given = mutually([*(compared(each, where) for each, where in samples), compared(llr, Position.LEFT_RING)])
    assert fused_llr(given, DEPENDENCES, {}) >= fused_llr(given[:-1], DEPENDENCES, {}) - 1e-9


@pytest.mark.parametrize(
    ("position", "reference", "is_crossed"),
    [
        (Position.LEFT_INDEX, Position.RIGHT_INDEX, True),
        (Position.LEFT_INDEX, Position.LEFT_INDEX, False),
        (Position.LEFT_INDEX, Position.UNKNOWN, False),
        (Position.UNKNOWN, Position.LEFT_INDEX, False),
        (Position.LEFT_INDEX, None, False),
    ],
)
def test_crossed_means_two_known_positions(position: Position, reference: Position | None, is_crossed: bool) -> None:  # noqa: FBT001
    """Evidence is crossed if both positions are known and differ; scores of the caller state no reference position."""
    assert is_crossed == replace(compared(3.0, position), reference_position=reference).is_crossed
