from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from biometrics.packed_templates import PackedTemplates

templates = st.lists(st.binary(max_size=9), max_size=12)


@settings(deadline=None, database=None)
@given(templates, st.data())
def test_templates_come_back_in_any_order(each: list[bytes], data: st.DataObject) -> None:
    """Joined templates are those that were joined, and `take` gives the rows that are asked for, in their order."""
    packed = PackedTemplates.of(each)
    assert (each, len(each)) == (list(packed), len(packed))
    rows = data.draw(st.lists(st.integers(0, len(each) - 1), max_size=12)) if each else []
    assert [each[row] for row in rows] == list(packed.take(np.array(rows, np.int64)))


def test_the_repr_shows_no_template() -> None:
    """Joined templates are biometric data, which no log may have."""
    assert "ab" not in repr(PackedTemplates.of([b"ab"]))
