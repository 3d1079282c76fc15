"""The whole evaluation of small images, by groups."""

from __future__ import annotations

import json

import pytest

from biometrics.errors import FieldInvalid
from evaluation.evaluate import run
from evaluation.report.groups.asked import Asked, Bound
from evaluation.report.groups.bounds import CANNOT_TELL


def test_groups_are_measured_and_shown(images_csv, extractor, comparator, tmp_path):
    """With a column of groups the report has their rates, groups.html shows them, and the JSON is strict."""
    header, *rows = images_csv.read_text(encoding="utf-8").splitlines()
    lines = [f"{header},half", *(f"{row},{'left' if row < '3' else 'right'}" for row in rows)]
    images_csv.write_text("\n".join(lines), encoding="utf-8")
    asked = Asked(("half",), (1e-3,), (-2.5,), (Bound("FNMR", "best", 2.0),))
    out, quiet = tmp_path / "out", lambda *_: None
    report = run(images_csv, extractor, comparator, out, pairs=None, workers=1, progress=quiet, asked=asked)

    (grouped,) = report.groups
    assert {"left": 9, "right": 9} == grouped.images
    assert [(2, 9), (0, 9)] == [(each.errors, each.count) for each in grouped.within[1].groups]
    assert [CANNOT_TELL] * 2 == [each.verdict for each in report.bounds]
    text = (out / "report.json").read_text(encoding="utf-8")
    stored = json.loads(text, parse_constant=pytest.fail)
    assert ["half"] == [each["column"] for each in stored["groups"]]
    assert "FNMR by half at score -2.5" in dict(report.table())
    assert "<svg" in (out / "groups.html").read_text(encoding="utf-8")


def test_a_column_that_is_not_there_is_refused_before_any_work(images_csv, extractor, comparator, tmp_path):
    """It is named, and nothing is extracted."""
    out, quiet = tmp_path / "out", lambda *_: None
    with pytest.raises(FieldInvalid, match=r"images\.csv line 1, sex: the column is missing"):
        run(images_csv, extractor, comparator, out, pairs=None, workers=1, progress=quiet, asked=Asked(("sex",)))

    assert [] == extractor.calls
