from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.chosen import chosen

ROOT = Path(__file__).parents[3]


def test_names_are_taken_as_given() -> None:
    """The names given are taken in their order; all where none is given."""
    assert ["b", "a"] == chosen("thing", ["b", "a"], ("a", "b", "c"))
    assert ["a", "b", "c"] == chosen("thing", [], ("a", "b", "c"))


@pytest.mark.parametrize(
    ("module", "kind", "one"), [("benchmarks", "benchmark", "face_search"), ("soak", "campaign", "overload")]
)
def test_an_unknown_name_is_told_with_those_there_are(module: str, kind: str, one: str) -> None:
    """A program that takes names ends with wrong usage and one sentence that lists them, before it does anything."""
    words = [sys.executable, "-m", module, one, "nonsense", "--help"]
    ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    (line,) = ended.stderr.splitlines()
    assert (2, "") == (ended.returncode, ended.stdout)
    assert line.startswith(f"No such {kind}: nonsense, --help. There are: ")
    assert one in line.partition("There are: ")[2].removesuffix(".").split(", ")
