from __future__ import annotations

from inspect import getfile
from pathlib import Path
from typing import Any

from biometrics.comparison import Comparison
from infra.kernels.kernel import kernel
from infra.kernels.population_count import population_count
from infra.kernels.sources import PACKAGES, ROOT, sources
from services.fingerprint.screening.minutia_codes import code_minutiae
from services.fingerprint.screening.screening import screen_all

COMPILER = Path(getfile(kernel))


def file_of(compiled: Any) -> Path:
    """The file of a kernel."""
    return Path(getfile(compiled.py_func))


def test_a_kernels_sources_include_imported_modules_of_the_project() -> None:
    """They are its module and what that imports, directly or through others, without libraries."""
    found = sources(file_of(screen_all), COMPILER)
    needed = {file_of(screen_all), file_of(code_minutiae), file_of(population_count), Path(getfile(Comparison))}
    assert needed <= set(found)
    assert COMPILER not in found
    assert set() == {path.relative_to(ROOT).parts[0] for path in found} - PACKAGES


def test_every_way_to_write_an_import_is_followed(tmp_path: Path) -> None:
    """Imports of names, of modules from a package and over several lines count; missing modules do not."""
    (tmp_path / "inner").mkdir()
    used = ["inner/__init__.py", "inner/first.py", "inner/second.py", "named.py", "outer.py", "plain.py"]
    for name in [*used, "unused.py"]:
        (tmp_path / name).touch()
    (tmp_path / "outer.py").write_text(
        "import numpy as np\nimport plain\nfrom named import a, b\nfrom inner import (\n    first,\n    second,\n)\n"
    )
    assert [tmp_path / name for name in used] == sources(tmp_path / "outer.py", COMPILER)


def test_modules_that_import_each_other_are_each_found_once(tmp_path: Path) -> None:
    """Circular imports end."""
    (tmp_path / "one.py").write_text("from other import a\n")
    (tmp_path / "other.py").write_text("from one import b\n")
    assert [tmp_path / "one.py", tmp_path / "other.py"] == sources(tmp_path / "other.py", COMPILER)
