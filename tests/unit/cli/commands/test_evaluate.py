"""`biofusion evaluate` on rendered eyes, by groups."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from cli.main import cli
from rendering.eyes import render_eye

PEOPLE = 12


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two images of 24 people; of those in the group "mixed" the second image is of somebody else's eye."""
    folder = tmp_path_factory.mktemp("eyes")
    with (folder / "images.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("path", "subject", "position", "kind"))
        for person in range(2 * PEOPLE):
            mixed = person >= PEOPLE
            for capture in range(2):
                identity = 1000 + person if mixed and capture else person
                name = f"{person}-{capture}.png"
                Image.fromarray(render_eye(identity, capture)).save(folder / name)
                writer.writerow((name, f"s{person}", "LEFT_EYE", "mixed" if mixed else "right"))
    return folder / "images.csv"


def evaluate(images: Path, *words: str) -> Result:
    """Run the command; templates of an earlier run are used again."""
    out = ("--modality", "iris", "--out", str(images.parent / "out"), "--workers", "1")
    return CliRunner().invoke(cli, ["evaluate", str(images), *out, *words])


def test_a_ratio_above_its_bound_is_exit_code_1(images: Path) -> None:
    """The sentence names the group, the ratio and the bound; a bound that is not surely exceeded ends with 0."""
    words = ("--group", "kind", "--threshold", "10")
    failed = evaluate(images, *words, "--most-ratio", "FNMR=1.5")
    passed = evaluate(images, *words, "--most-ratio", "FMR=1.5")

    assert (1, 0) == (failed.exit_code, passed.exit_code)
    assert "FNMR by kind at score 10 exceeds the ratio 1.5: mixed has at least " in failed.stdout
    assert "FMR by kind at score 10 cannot tell whether it is within the ratio 1.5: too small" in passed.stdout


def test_json_has_the_verdicts(images: Path) -> None:
    """The report has rates and verdicts, and the exit code is the same."""
    result = evaluate(images, "--group", "kind", "--threshold", "10", "--most-ratio", "FNMR=1.5", "--json")

    assert 1 == result.exit_code
    assert ["EXCEEDED"] == [each["verdict"] for each in json.loads(result.stdout)["bounds"]]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--most-ratio", "FNMR=2"), "need --group"),
        (("--group", "kind", "--most-ratio", "FNMR"), "is no bound such as"),
        (("--group", "kind", "--threshold", "nan"), "--threshold"),
        (("--group", "sex"), "the column is missing"),
    ],
)
def test_wrong_usage(images: Path, words: tuple[str, ...], told: str) -> None:
    """One sentence and exit code 3."""
    result = evaluate(images, *words)

    assert 3 == result.exit_code
    assert told in result.stderr
