"""Paths of the tree that documents name: `fusion/decision/decision.py` must be there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

NAMED = re.compile(r"`((?:[A-Za-z0-9_.-]+/)+[A-Za-z0-9_.-]+\.(?:py|toml|md|proto|json|yml))`")
"""A file in a folder, as words of code."""

MODULE = re.compile(r"python -m ((?:[a-z_]+\.)+[a-z_]+)")
"""What a command runs."""

RECORDS = ("docs/decisions/", "CHANGELOG.md")
"""Documents that speak of the tree as it was."""


def missing(text: str, source: str, root: Path) -> Iterator[str]:
    """The files that a document names and that are not there, neither from the root nor from the document's folder.

    Args:
        text: Markdown.
        source: path of the document in the tree.
        root: of the tree.
    """
    if source.startswith(RECORDS):
        return
    modules = (name.replace(".", "/") for name in MODULE.findall(text))
    for path in NAMED.findall(text):
        if not ((root / path).exists() or (root / source).parent.joinpath(path).exists()):
            yield path
    for path in modules:
        if not any((root / f"{path}{end}").is_file() for end in (".py", "/__main__.py")):
            yield path
