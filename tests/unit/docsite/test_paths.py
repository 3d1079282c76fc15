from __future__ import annotations

from pathlib import Path

from docsite.modules import PACKAGES
from docsite.paths import missing, missing_in_code

ROOT = Path(__file__).parents[3]


def test_paths_that_are_not_there(tmp_path: Path) -> None:
    """A document names files and modules that are there, seen from the root or from its own folder."""
    (tmp_path / "code/inner").mkdir(parents=True)
    for name in ("code/a.py", "code/inner/b.py", "code/__main__.py"):
        (tmp_path / name).touch()
    text = "`code/a.py` `inner/b.py` `code/gone.py`\n$ python -m code.inner.b\n$ python -m code.lost\n"
    assert ["code/gone.py", "code/lost"] == list(missing(text, "code/README.md", tmp_path))


def test_bare_names_in_the_document_of_a_package(tmp_path: Path) -> None:
    """The README of a package names files without folders only if they are somewhere below the package."""
    (tmp_path / "code/inner").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    for name in ("code/a.py", "code/inner/b.py", "other/looks.py"):
        (tmp_path / name).touch()
    text = "`a.py`, `b.py`, `looks.py`, `gone.py`, `report.json`"
    assert ["looks.py", "gone.py"] == list(missing(text, "code/README.md", tmp_path))
    assert [] == list(missing(text, "README.md", tmp_path))
    assert [] == list(missing(text, "docs/page.md", tmp_path))


def test_folders_that_are_not_there(tmp_path: Path) -> None:
    """A document names folders within folders of the tree that are there; other folders are not the tree's."""
    for name in ("code/inner", "build"):
        (tmp_path / name).mkdir(parents=True)
    text = "`code/inner/` `code/decoding/` `appendonlydir/` `build/made/` `elsewhere/inner/`"
    assert ["code/decoding/"] == list(missing(text, "docs/page.md", tmp_path))


def test_files_that_docstrings_name(tmp_path: Path) -> None:
    """A docstring names files by a path from the root, or from anywhere below the module's package."""
    (tmp_path / "code/inner").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    for name in ("code/inner/b.py", "other/c.py"):
        (tmp_path / name).touch()
    module = tmp_path / "code/a.py"
    module.write_text('''"""See b.py, inner/b.py, other/c.py, c.py."""
X = 1
"""As in `gone.py`, unlike layers*.py."""
Y = "no_docstring.py"
''')
    assert ["c.py", "gone.py"] == list(missing_in_code(module, tmp_path))


def test_every_docstring_names_files_that_are_there() -> None:
    """No docstring of the project names a Python file that is not there."""
    modules = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    named = {str(path.relative_to(ROOT)): list(missing_in_code(path, ROOT)) for path in modules}
    assert {} == {module: files for module, files in named.items() if files}


def test_records_may_speak_of_what_was(tmp_path: Path) -> None:
    """Decisions and the changelog name files that are no longer there."""
    assert [] == list(missing("`code/gone.py`", "docs/decisions/0001.md", tmp_path))
