from __future__ import annotations

from pathlib import Path

from docsite.paths import missing


def test_paths_that_are_not_there(tmp_path: Path) -> None:
    """A document names files and modules that are there, seen from the root or from its own folder."""
    (tmp_path / "code/inner").mkdir(parents=True)
    for name in ("code/a.py", "code/inner/b.py", "code/__main__.py"):
        (tmp_path / name).touch()
    text = "`code/a.py` `inner/b.py` `code/gone.py` `just.py`\n$ python -m code.inner.b\n$ python -m code.lost\n"
    assert ["code/gone.py", "code/lost"] == list(missing(text, "code/README.md", tmp_path))


def test_records_may_speak_of_what_was(tmp_path: Path) -> None:
    """Decisions and the changelog name files that are no longer there."""
    assert [] == list(missing("`code/gone.py`", "docs/decisions/0001.md", tmp_path))
