from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from infra.models.model_cache import asset

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def block(language: str, page: str = README) -> str:
    """The code block of a page in this language that is marked to be run."""
    (found,) = re.findall(rf"<!-- run by \S+ -->\n```{language}\n(.*?)```", page, re.DOTALL)
    return str(found)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the two images that the README uses."""
    for name in ("enrolled.png", "probe.png"):
        (tmp_path / name).write_bytes(asset("portrait-astronaut"))
    return tmp_path


def run(command: list[str], folder: Path) -> str:
    """Run a command, which must succeed; returns its output."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        command, cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stderr[-2000:]
    return done.stdout


def test_python_client(all_in_one: str, folder: Path) -> None:
    """The Python client of the README enrols and finds the person."""
    code = block("python").replace("127.0.0.1:50050", all_in_one)
    assert "person-1 OUTCOME_MATCH" in run([sys.executable, "-c", code], folder)


def test_grpcurl_lines(all_in_one: str, folder: Path) -> None:
    """The grpcurl lines of the README list, enrol, identify, extract and describe."""
    script = "set -euo pipefail\n" + block("bash").replace("localhost:50050", all_in_one)
    printed = run(["bash", "-c", script], folder)
    expected = ("SubjectService", "SERVING", "consistency_token", "OUTCOME_", "landmarks", "iris-hamming-3")
    assert [] == [text for text in expected if text not in printed]


def test_fusing_scores(tmp_path: Path) -> None:
    """The commands of docs/how-to/fuse-scores.md make a model, reports and an explanation, here of fewer people."""
    script = "set -euo pipefail\n" + block("bash", (ROOT / "docs/how-to/fuse-scores.md").read_text())
    for said, tried in (("--people 120", "--people 60"), ("--fmr 0.001", "--fmr 0.01")):  # half as many carry less
        assert said in script
        script = script.replace(said, tried)
    printed = run(["bash", "-c", script], tmp_path)
    assert all(text in printed for text in ("Written to model.json", "worst", "where the model's FMR on validation is"))
    assert (tmp_path / "by-model/report.html").is_file()
    assert (tmp_path / "by-halves/fused.csv.gz").is_file()
