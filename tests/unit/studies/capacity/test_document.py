"""docs/capacity.md says what the study computes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from studies.capacity.__main__ import PICTURE, all_tables, main
from studies.capacity.needs.machines import Node
from studies.capacity.texts import count, marked, percent, size, table, with_tables

DOCUMENT = Path(__file__).parents[4] / "docs" / "capacity.md"


def test_the_tables_are_those_that_the_study_prints():
    """Every table is in the document, as the study prints it from its measured figures and its curves."""
    text, tables = DOCUMENT.read_text(encoding="utf-8"), all_tables(Node())

    assert sorted(tables) == sorted(marked(text))
    assert text == with_tables(text, tables), "Run: python -m studies.capacity --document docs/capacity.md"


def test_a_picture_is_drawn(tmp_path, monkeypatch):
    """Bringing a document up to date draws the picture that it shows, the same at every run."""
    monkeypatch.setattr("studies.capacity.__main__.PICTURE_PEOPLE", 200)
    monkeypatch.setattr("studies.capacity.answers.picture.SUBJECTS", np.array([10**3, 10**6, 10**9]))
    monkeypatch.setattr("studies.capacity.__main__.all_tables", lambda _node: {})
    (tmp_path / "assets").mkdir()
    document = tmp_path / "capacity.md"
    document.write_text("nothing\n")
    drawn = []
    for _ in range(2):
        assert 0 == CliRunner().invoke(main, ["--document", str(document)]).exit_code
        drawn.append((tmp_path / PICTURE).read_text(encoding="utf-8"))

    assert drawn[0] == drawn[1]
    assert "face, two fingers" in drawn[0]
    assert f"]({PICTURE})" in DOCUMENT.read_text(encoding="utf-8")


def test_the_command_prints_other_prices(monkeypatch):
    """The options change the machine, and so what it costs."""
    nodes = []
    monkeypatch.setattr("studies.capacity.__main__.all_tables", lambda node: nodes.append(node) or {"bytes": "| a |"})
    run = CliRunner().invoke(main, ["--core-hour", "0.05", "--cores", "8"])

    assert 0 == run.exit_code
    assert "## bytes\n\n| a |\n" in run.output
    assert (8, 0.05) == (nodes[0].cores, nodes[0].core_hour)
    assert nodes[0].month == pytest.approx(8 * 730 * 0.05 + 64 * 2.5)


def test_tables_are_replaced_by_name():
    """A marked table is replaced, what is around it stays, and an unknown name is refused."""
    text = "a\n<!-- capacity: one -->\nold\n<!-- end -->\nb\n<!-- capacity: two -->\n<!-- end -->\n"
    new = "a\n<!-- capacity: one -->\n1\n<!-- end -->\nb\n<!-- capacity: two -->\n2\n<!-- end -->\n"

    assert new == with_tables(with_tables(text, {"one": "1", "two": "2"}), {"one": "1", "two": "2"})
    assert ["one", "two"] == marked(new)
    with pytest.raises(KeyError):
        with_tables(text, {"one": "1"})


def test_numbers():
    """Counts, shares and bytes as they are written."""
    assert ["1,000,000", "0", "0.02", "97.2", "99.98", "100"] == [
        count(10**6),
        *map(percent, (0.0, 0.0002, 0.972, 0.9998, 1.0)),
    ]
    assert ["640 B", "15.7 GB", "4.71 TB", "4,190 TB"] == [*map(size, (640, 15.7e9, 4.71e12, 4.19e15))]
    assert ["| a | b |", "|---|---|", "| 1 | 2 |"] == list(table(["a", "b"], [["1", "2"]]))
