"""Folders are short enough to read as a table of contents, and modules to be read at one go."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
MOST_MODULES = 14
MOST_LINES = 220
ONE_TREE = Path("biometrics/errors.py")
"""May be longer: many small classes, and their tree drawn above them."""
MEDIAN_LINES = 90
PRODUCT = {
    *(
        "adapters",
        "audit",
        "biometrics",
        "console",
        "formats",
        "infra",
        "gallery",
        "services",
        "fusion",
        "review",
        "rendering",
    ),
    *("evaluation", "cli"),
}


def modules() -> list[Path]:
    """Every module but generated ones and `__init__`, each once, also amid a merge."""
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = map(Path, sorted(set(listed.split())))
    return [path for path in paths if path.parts[0] != "gen" and path.name != "__init__.py" and (ROOT / path).exists()]


def test_no_folder_has_too_many_modules() -> None:
    """A folder has at most 14 modules."""
    counts = Counter(path.parent for path in modules())
    assert {} == {str(folder): count for folder, count in counts.items() if count > MOST_MODULES}


def test_modules_are_short() -> None:
    """No module is far over 200 lines, and half of those outside the tests have at most 90, of the product's too."""
    lines = {path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {} == {str(path): count for path, count in lines.items() if count > MOST_LINES and path != ONE_TREE}
    assert MEDIAN_LINES >= median(count for path, count in lines.items() if path.parts[0] != "tests")
    assert MEDIAN_LINES >= median(count for path, count in lines.items() if path.parts[0] in PRODUCT)
