"""Bounds as they are written."""

from __future__ import annotations

import pytest

from biometrics.errors import FieldInvalid
from evaluation.report.groups.asked import Bound


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FNMR=2", Bound("FNMR", "best", 2.0)),
        ("FMR:mean=3.5", Bound("FMR", "mean", 3.5)),
        ("FNMR:all=1", Bound("FNMR", "all", 1.0)),
    ],
)
def test_a_bound_is_read(text, expected):
    """An error, a base if it is not the best group, and a ratio."""
    assert expected == Bound.read(text)


@pytest.mark.parametrize(
    "text", ["", "FNMR", "FNMR=", "EER=2", "FNMR:worst=2", "FNMR=0.5", "FNMR=nan", "FMR=inf", "=2"]
)
def test_another_text_is_refused(text):
    """The text is quoted, with examples."""
    with pytest.raises(FieldInvalid, match=r"no bound such as FNMR=2"):
        Bound.read(text)
