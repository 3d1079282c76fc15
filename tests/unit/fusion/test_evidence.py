from __future__ import annotations

from math import log10

import pytest

from biometrics.comparison import Comparison
from biometrics.template import Modality, Position
from fusion.evidence import Evidence, EvidenceStatus, fused_llr, independent


def compared(
    llr: float,
    position: Position = Position.RIGHT_INDEX,
    reference: Position | None = None,
    count: int = 1,
    modality: Modality = Modality.FINGERPRINT,
) -> Evidence:
    """Evidence whose one comparison is worth this LLR."""
    comparison = Comparison(score=llr, llr=llr, fmr=10**-llr if llr > 0 else 1.0, comparator_id="c")
    return Evidence(
        modality, position, EvidenceStatus.COMPARED, comparison, reference or position, comparison_count=count
    )


def missing(position: Position = Position.LEFT_INDEX) -> Evidence:
    """Evidence that is not there."""
    return Evidence(Modality.FINGERPRINT, position, EvidenceStatus.PROBE_MISSING)


def test_sum() -> None:
    """The fused LLR is the sum of what was compared, and a missing position adds nothing."""
    assert pytest.approx(5.0) == fused_llr([compared(3.0), missing(), compared(2.0, Position.RIGHT_THUMB)])


def test_best_of_several_is_charged() -> None:
    """The best of k comparisons loses log10 k, so that k chances prove no more than one."""
    assert pytest.approx(3.0 - log10(5)) == compared(3.0, count=5).llr


def test_one_position_is_one_witness() -> None:
    """Of two samples of one position the better counts, charged for both."""
    (merged,) = independent([compared(3.0, count=2), compared(4.0, count=2)])
    assert pytest.approx(4.0 - log10(4)) == merged.llr
    assert 4 == merged.comparison_count


def test_known_positions_stay_apart() -> None:
    """Two known fingers are two witnesses."""
    assert 2 == len(independent([compared(3.0), compared(2.0, Position.RIGHT_THUMB)]))


@pytest.mark.parametrize(
    "unknown",
    [compared(2.0, Position.UNKNOWN, Position.RIGHT_INDEX), compared(2.0, Position.RIGHT_THUMB, Position.UNKNOWN)],
    ids=["probe", "reference"],
)
def test_unknown_position_is_no_second_witness(unknown: Evidence) -> None:
    """A sample of an unknown finger may be of a finger already counted, so the modality's best alone counts."""
    (merged,) = independent([compared(3.0), unknown])
    assert pytest.approx(3.0 - log10(2)) == merged.llr


def test_unknown_finger_leaves_the_iris_alone() -> None:
    """An unknown position blurs its own modality only."""
    eyes = [compared(1.0, eye, modality=Modality.IRIS) for eye in (Position.LEFT_EYE, Position.RIGHT_EYE)]
    assert 3 == len(independent([compared(3.0, Position.UNKNOWN), *eyes]))


def test_order_is_kept() -> None:
    """Evidence comes out in the order of the samples."""
    given = [missing(), compared(1.0), compared(2.0, Position.RIGHT_THUMB)]
    assert tuple(given) == independent(given)
