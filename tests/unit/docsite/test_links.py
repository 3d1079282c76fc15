from __future__ import annotations

from pathlib import Path

import pytest

from docsite.links import for_site

PAGES = {"docs/index.md": "index.md", "docs/a/b.md": "a/b.md", "code/README.md": "packages/code.md"}


def linked(text: str, root: Path, source: str = "docs/index.md") -> tuple[str, list[str]]:
    """The text as the site has it, and what is said of its links."""
    said: list[str] = []
    return for_site(text, source, PAGES[source], PAGES, root, said.append), said


def test_a_page_is_linked(tmp_path: Path) -> None:
    """A link to a page leads to where the site has it, and keeps its place within the page."""
    assert ("[b](a/b.md#there)", []) == linked("[b](a/b.md#there)", tmp_path)
    assert ("[code](packages/code.md)", []) == linked("[code](../code/README.md)", tmp_path)
    assert ("[code](packages/code.md)", []) == linked("[code](../code)", tmp_path)
    assert ("[start](../index.md)", []) == linked("[start](../docs/index.md)", tmp_path, "code/README.md")


def test_a_file_is_named(tmp_path: Path) -> None:
    """A file of the tree that is no page is shown by its path."""
    (tmp_path / "code.py").touch()
    assert ("the code (`code.py`)", []) == linked("[the code](../code.py)", tmp_path)
    assert ("`code.py`", []) == linked("[`code.py`](../code.py)", tmp_path)
    assert ("`code.py` runs it", []) == linked("[`code.py` runs it](../code.py)", tmp_path)


@pytest.mark.parametrize("words", ["code/inner.py", "`code/inner.py`", "inner.py", "`inner.py`"])
def test_a_file_is_named_once(tmp_path: Path, words: str) -> None:
    """A link whose words are the file's path, or end of it, is shown as the whole path and nothing else."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code/inner.py").touch()
    assert ("`code/inner.py`", []) == linked(f"[{words}](../code/inner.py)", tmp_path)


def test_a_folder_is_named_once(tmp_path: Path) -> None:
    """A folder without a page keeps the slash that it is written with; words that only end alike are kept."""
    (tmp_path / "inner").mkdir()
    assert ("`inner/`", []) == linked("[inner/](../inner)", tmp_path)
    assert ("ner (`inner`)", []) == linked("[ner](../inner)", tmp_path)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    """A link to nothing is a fault that names the document and the file."""
    assert ["docs/index.md: there is no gone.md"] == linked("[gone](../gone.md)", tmp_path)[1]


def test_other_links_stay(tmp_path: Path) -> None:
    """Addresses of the web, places in the page itself, and what only looks like a link within code stay as they are."""
    text = "[web](https://example.org/a.md) [here](#here) `[no](link.md)`\n```\n[nor](this.md)\n```\n"
    assert (text, []) == linked(text, tmp_path)
