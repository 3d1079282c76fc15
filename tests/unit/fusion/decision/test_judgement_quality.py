"""fusion.decision.judgement: decisions with poor samples."""

from __future__ import annotations

from dataclasses import replace

import pytest

from biometrics.comparison import Comparison
from fusion.decision.decision import DecisionReason, Outcome
from tests.unit.fusion.summed import MATCH, NO_MATCH, POOR, REVIEW, answer, compared


@pytest.mark.parametrize(
    ("llrs", "outcome", "is_named"),
    [
        ((4.5,), REVIEW, True),  # a match by the poor sample alone
        ((1.0, 3.5), REVIEW, True),  # a match with its help
        ((1.0, 4.5), MATCH, False),  # a match without it
        ((-1.5, 4.5), REVIEW, True),  # in the band, a match without it
        ((-1.5, 3.0), REVIEW, True),  # no match, in the band without it
        ((-1.5, 1.0), NO_MATCH, False),  # no match without it either
        ((-2.5,), REVIEW, True),  # nothing else was compared
        ((-2.5, -0.5), NO_MATCH, False),  # the good sample is against a match too
        ((0.5, 1.8), REVIEW, True),  # in the band by its help
    ],
)
def test_poor_quality(llrs: tuple[float, ...], outcome: Outcome, is_named: bool) -> None:  # noqa: FBT001
    """The answer is REVIEW where it would be another one without a poor sample that supports or opposes a match."""
    decision = answer(*compared(*llrs, poor=0))
    assert (outcome, is_named) == (decision.outcome, DecisionReason.POOR_QUALITY in decision.reasons)


def test_no_match_becomes_review_where_a_good_capture_might_have_matched() -> None:
    """A poor face and an eye that supports a match a little: a good face, of up to 1.5, might have reached the band."""
    near, far = (answer(*compared(-2.5, llr, poor=0), best_possible=1.5) for llr in (0.5, 0.4))
    assert (REVIEW, DecisionReason.POOR_QUALITY) == (near.outcome, near.reasons[0])
    assert NO_MATCH == far.outcome


def test_several_poor_samples_are_left_out_together() -> None:
    """Two poor samples that only together turn a match into a review are found."""
    face, eye, finger = compared(-0.6, -0.6, 5.0)
    poor = (replace(face, quality=POOR), replace(eye, quality=POOR), finger)
    assert MATCH == answer(face, eye, replace(finger, comparison=Comparison(5.2, 5.2, 1.0, "c"))).outcome
    assert DecisionReason.POOR_QUALITY in answer(*poor).reasons


def test_unknown_quality_is_not_poor() -> None:
    """A template of unknown quality is not taken as poor."""
    (face,) = compared(4.5)
    assert MATCH == answer(replace(face, quality=None)).outcome
