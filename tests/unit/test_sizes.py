"""Folders are short enough to read as a table of contents, and modules to be read at one go."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
MOST_MODULES = 14
MOST_LINES = 240
"""Few modules are over 200; the longest, `biometrics/errors.py`, is one tree of small classes and its drawing."""
MEDIAN_LINES = 90


def modules() -> list[Path]:
    """Every module but generated ones and `__init__`."""
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = map(Path, listed.split())
    return [path for path in paths if path.parts[0] != "gen" and path.name != "__init__.py" and (ROOT / path).exists()]


def test_no_folder_has_too_many_modules() -> None:
    """A folder has at most 14 modules."""
    counts = Counter(path.parent for path in modules())
    assert {} == {str(folder): count for folder, count in counts.items() if count > MOST_MODULES}


def test_modules_are_short() -> None:
    """No module is far over 200 lines, and half of those outside the tests have at most 90."""
    lines = {path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {} == {str(path): count for path, count in lines.items() if count > MOST_LINES}
    assert MEDIAN_LINES >= median(count for path, count in lines.items() if path.parts[0] != "tests")
