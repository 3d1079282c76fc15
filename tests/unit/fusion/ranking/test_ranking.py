from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fusion.decision.decision import Decision
from fusion.models.model import FusionModel
from fusion.ranking.identification import Identification, answer
from fusion.ranking.ranking import Asked, rank
from fusion.ranking.search import Searched
from tests.unit.fusion.any_search import SHIPPED, asked, models, searches
from tests.unit.fusion.exhaustive_ranking import rank_all


def same(searched: Sequence[Searched], question: Asked, rule: FusionModel, limit: int) -> None:
    """Assert that the answer equals that of the reference implementation."""
    expected, actual = rank_all(searched, question, rule), rank(searched, question, rule)
    assert [expected.has_match, expected.is_incomplete, expected.is_swapped] == [
        actual.has_match, actual.is_incomplete, actual.is_swapped
    ]  # fmt: skip
    assert [each.subject_id for each in expected.ranked] == [actual.table.subject_ids[row] for row in actual.order]
    assert pytest.approx([each.decision.llr for each in expected.ranked], abs=1e-9) == actual.possible.llr[actual.order]
    full, fast = expected.answer(limit), answer(actual, limit)
    assert _facts(full) == _facts(fast)
    assert pytest.approx(_numbers(full), abs=1e-9) == _numbers(fast)


def _about(found: Identification) -> list[Decision]:
    return [found.decision, *(each.decision for each in found.candidates)]


def _facts(found: Identification) -> list[object]:
    """Everything in an answer except numbers."""
    return [
        found.subject_id,
        [each.subject_id for each in found.candidates],
        [(each.outcome, each.reasons, each.thresholds) for each in _about(found)],
        [(e.status, e.reference_position, e.quality, e.sample) for each in _about(found) for e in each.evidence],
        [found.runner_up_gap_llr is None, found.unseen_llr is None, found.subject_count],
    ]


def _numbers(found: Identification) -> list[float]:
    return [
        *(each.llr for each in _about(found)),
        *(each.contribution or 0.0 for about in _about(found) for each in about.evidence),
        *(each.posterior for each in found.candidates),
        *(found.none_posterior, found.runner_up_gap_llr or 0.0, found.unseen_llr or 0.0),
    ]


@settings(
    max_examples=400,
    deadline=None,
    phases=(Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(searches(shipped=False), asked(), models(), st.sampled_from([1, 2, 100]))
def test_the_answer_of_deciding_about_all(
    searched: list[Searched], question: Asked, rule: FusionModel, limit: int
) -> None:
    """The answer has the same candidates, order, reasons and numbers as deciding about every subject."""
    same(searched, question, rule, limit)


@settings(
    max_examples=100,
    deadline=None,
    phases=(Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(searches(shipped=True), asked(), st.sampled_from([1, 100]))
def test_the_answer_of_the_shipped_model(searched: list[Searched], question: Asked, limit: int) -> None:
    """The same holds with the shipped calibrations and dependences."""
    same(searched, question, SHIPPED, limit)
