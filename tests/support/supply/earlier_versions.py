"""Earlier versions of this program, from the repository's history, to be run as processes."""

from __future__ import annotations

import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).parents[3]
FIRST = "c0783dc460f5e6ad84627aaa142b80011a739582"
"""The first commit with stores of schema version 3; its records of encounters have version 1."""
STANDING_IN = "79fd6254378d790c3a8d91c41d634ce78b91b297"
"""The commit that stands for the last release as long as no commit before this one has a tag."""


class NotHereError(Exception):
    """The repository does not hold the version, e.g. as it is a shallow clone, or no clone."""


def last_release() -> str:
    """The newest tag of a release before this commit, or else STANDING_IN."""
    tag = _git("describe", "--tags", "--abbrev=0", "--match", "v[0-9]*", "HEAD^")
    return tag.stdout.decode().strip() or STANDING_IN


def unpacked(version: str, folder: Path) -> dict[str, str]:
    """Write the files of a version into a folder; returns the environment in which `python -m` runs them.

    Raises:
        NotHereError: the version is not in this clone.
    """
    archive = _git("archive", "--format=zip", version)
    if archive.returncode:
        raise NotHereError(f"{version[:12]} is not in this clone: 'git fetch --unshallow --tags' brings it")
    with ZipFile(BytesIO(archive.stdout)) as files:
        files.extractall(folder)
    return modules_of(folder)


def modules_of(root: Path) -> dict[str, str]:
    """The environment in which `python -m` runs the modules of this tree, and not those of the current folder."""
    return {"PYTHONPATH": f"{root}{os.pathsep}{root / 'gen'}", "PYTHONSAFEPATH": "1"}


def run(environment: dict[str, str], *words: str) -> str:
    """What `python -m` with these words prints; it must succeed."""
    command = [sys.executable, "-m", *words]
    return subprocess.run(command, env=os.environ | environment, stdout=subprocess.PIPE, text=True, check=True).stdout


def _git(*words: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, check=False)
    except FileNotFoundError as error:
        raise NotHereError("git is not installed") from error
