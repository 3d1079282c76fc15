"""Whether two samples of one request are of one source."""

from __future__ import annotations

import pytest

from fusion.evidence.likeness import Relation, relation


@pytest.mark.parametrize(
    ("llr", "is_repeat", "expected"),
    [
        (4.7, True, Relation.SAME_SAMPLE),
        (4.7, False, Relation.SAME_SOURCE),
        (3.0, False, Relation.SAME_SOURCE),
        (2.9, False, Relation.UNCLEAR),
        (-0.9, False, Relation.UNCLEAR),
        (-1.0, False, Relation.OTHER_SOURCE),
        (-0.5, True, Relation.UNCLEAR),
    ],
)
def test_relation(llr: float, is_repeat: bool, expected: Relation) -> None:  # noqa: FBT001
    """The relation follows from the LLR of their comparison alone, however many samples there are."""
    assert expected is relation(llr, is_repeat=is_repeat)
