from __future__ import annotations

from dataclasses import replace
from math import log10
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.calibration.dependence import Dependence, equally_alike, of_positions, of_samples
from biometrics.comparison import Comparison
from biometrics.template import Modality, Position
from fusion.decision.decision import DecisionReason
from fusion.decision.doubts import remarks_on_samples
from fusion.evidence.dependent_sum import chances, contributed, fused_llr
from fusion.evidence.evidence import Evidence, EvidenceStatus
from fusion.evidence.likeness import Likeness, Relation


def compared(
    llr: float,
    position: Position = Position.RIGHT_INDEX,
    reference: Position | None = None,
    count: int = 1,
    modality: Modality = Modality.FINGERPRINT,
) -> Evidence:
    """Evidence of one comparison of this LLR."""
    comparison = Comparison(score=llr, llr=llr, fmr=10**-llr if llr > 0 else 1.0, comparator_id="c")
    return Evidence(
        modality, position, EvidenceStatus.COMPARED, comparison, reference or position, comparison_count=count
    )


def missing(position: Position = Position.LEFT_INDEX) -> Evidence:
    """Evidence of a position without a sample."""
    return Evidence(Modality.FINGERPRINT, position, EvidenceStatus.PROBE_MISSING)


DEPENDENCES = {Modality.FINGERPRINT: Dependence(positions=0.2), Modality.IRIS: Dependence()}
FINGERS = (Position.RIGHT_INDEX, Position.RIGHT_THUMB, Position.LEFT_INDEX)


def contributions(*evidence: Evidence) -> list[float | None]:
    """The contribution of each."""
    return [each.contribution for each in contributed(evidence, DEPENDENCES, {})]


def mutually(evidence: list[Evidence], relation: Relation = Relation.UNCLEAR, rho: float = 0.4) -> list[Evidence]:
    """The evidence with all samples in this relation to each other."""
    llr = {Relation.UNCLEAR: 1.0, Relation.OTHER_SOURCE: -2.0}.get(relation, 5.0)
    comparison = Comparison(llr, llr, 0.5, "c")

    def likenesses(own: int) -> tuple[Likeness, ...]:
        return tuple(Likeness(n, comparison, relation, rho) for n in range(len(evidence)) if n != own)

    return [replace(each, sample=n, likenesses=likenesses(n)) for n, each in enumerate(evidence)]


def test_one_of_each_modality_is_a_plain_sum() -> None:
    """A modality's only sample contributes its own LLR, and a missing position exactly 0."""
    eye = compared(2.0, Position.LEFT_EYE, modality=Modality.IRIS)
    assert pytest.approx(5.0) == fused_llr([compared(3.0), missing(), eye], DEPENDENCES, {})
    assert [pytest.approx(3.0), 0.0, pytest.approx(2.0)] == contributions(compared(3.0), missing(), eye)


def test_best_of_several_is_charged() -> None:
    """The best of k comparisons is charged log10 k."""
    assert pytest.approx(3.0 - log10(5)) == compared(3.0, count=5).llr


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
