"""The navigation of mkdocs.yml, with `folder/*` standing for all pages of a folder that are not named beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any


def expanded(entries: Sequence[Any], pages: Sequence[str]) -> list[Any]:
    """The entries, each pattern replaced by the pages it stands for, in order of name.

    Args:
        entries: of mkdocs.yml's `nav`: paths, patterns, and `{title: path or entries}`.
        pages: paths of all pages in the site's sources.
    """
    named = set(_paths(entries))
    return [each for entry in entries for each in _expanded(entry, pages, named)]


def _expanded(entry: Any, pages: Sequence[str], named: set[str]) -> list[Any]:
    if isinstance(entry, dict):
        return [{title: value if isinstance(value, str) else expanded(value, pages)} for title, value in entry.items()]
    folder = PurePosixPath(entry)
    if folder.name != "*":
        return [entry]
    return [page for page in sorted(pages) if PurePosixPath(page).parent == folder.parent and page not in named]


def _paths(entries: Sequence[Any]) -> Iterator[str]:
    for entry in entries:
        for value in entry.values() if isinstance(entry, dict) else [entry]:
            yield from [value] if isinstance(value, str) else _paths(value)
