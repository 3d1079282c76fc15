"""Releases: the version comes from tags, and what is built of a commit can be built again."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
NAME = "SETUPTOOLS_SCM_PRETEND_VERSION_FOR_BIOFUSION"
Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a command in a shallow clone of this repository, without its tags; skipped where there is none."""
    source = ["git", "clone", "--quiet", "--depth", "1", "--no-tags", f"file://{ROOT}", str(tmp_path / "clone")]
    if not (ROOT / ".git").exists() or subprocess.run(source, check=False).returncode:
        pytest.skip("this is no clone")
    environment = {name: value for name, value in os.environ.items() if name != NAME}

    def run(*words: str, **more: str) -> str:
        done = subprocess.run(
            words, cwd=tmp_path / "clone", env=environment | more, capture_output=True, text=True, check=False
        )
        assert 0 == done.returncode, done.stdout[-2000:] + done.stderr[-2000:]
        return done.stdout.strip()

    return run


def test_version(run: Run, tmp_path: Path) -> None:
    """A tag gives its version; other tags, none and no repository do not stop a build; a stated version is taken."""
    hatchling = [sys.executable, "-m", "hatchling", "version"]
    run("git", "tag", "measured-3")
    assert run(*hatchling).startswith("0.1.dev1+g")
    run("git", "tag", "v2.7.0rc1")
    assert "2.7.0rc1" == run(*hatchling)
    (tmp_path / "clone/.git").rename(tmp_path / "history")
    assert "0.0" == run(*hatchling)
    assert "2.7.1" == run(*hatchling, **{NAME: "2.7.1"})


def test_dist(run: Run, tmp_path: Path) -> None:
    """`make dist` builds wheel and sdist of a tag, finds that the sdist gives the same again, and states their sums."""
    run("git", "tag", "v2.7.0")
    venv = Path(sys.prefix)
    run("make", "--old-file", f"{venv}/runtime.stamp", f"VENV={venv}", "dist")
    dist = tmp_path / "clone/dist"
    sums = dict(reversed(line.split()) for line in (dist / "SHA256SUMS").read_text().splitlines())
    assert {"biofusion-2.7.0.tar.gz", "biofusion-2.7.0-py3-none-any.whl"} == set(sums)
    for name, stated in sums.items():
        assert stated == hashlib.sha256((dist / name).read_bytes()).hexdigest()
