"""Paths of the tree that documents and docstrings name: `fusion/decision/decision.py` must be there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from docsite.tree import BUILT

NAMED = re.compile(r"`((?:[A-Za-z0-9_.-]+/)+[A-Za-z0-9_.-]+\.(?:py|toml|md|proto|json|yml))`")
"""A file in a folder, as words of code."""

MODULE = re.compile(r"python -m ((?:[a-z_]+\.)+[a-z_]+)")
"""What a command runs."""

BARE = re.compile(r"`([A-Za-z0-9_]+\.(?:py|proto))`")
"""A file without its folder, as words of code."""

FOLDER = re.compile(r"`(([a-z0-9_]+)/(?:[A-Za-z0-9_.-]+/)+)`")
"""A folder within a folder, and the first of them."""

IN_CODE = re.compile(r"(?<![\w*./{}-])((?:[a-z0-9_]+/)*[a-z0-9_]+\.py)\b")
"""A file in a docstring, with its folder or without."""

RECORDS = ("docs/decisions/", "CHANGELOG.md")
"""Documents that speak of the tree as it was."""


def missing(text: str, source: str, root: Path) -> Iterator[str]:
    """What a document names and what is not there: files, folders within folders of the tree, and modules that are run.

    A file with its folder is there from the root or from the document's folder. A file without one is looked for only
    if the document is a package's: it is then somewhere below the package.

    Args:
        text: Markdown.
        source: path of the document in the tree.
        root: of the tree.
    """
    if source.startswith(RECORDS):
        return
    here = (root / source).parent
    yield from (path for path in NAMED.findall(text) if not (root / path).exists() and not (here / path).exists())
    if here != root and not source.startswith("docs/"):
        yield from (name for name in BARE.findall(text) if not _below(here, name))
    yield from (path for path, first in FOLDER.findall(text) if _is_ours(root / first) and not (root / path).is_dir())
    for path in (name.replace(".", "/") for name in MODULE.findall(text)):
        if not any((root / f"{path}{end}").is_file() for end in (".py", "/__main__.py")):
            yield path


def missing_in_code(module: Path, root: Path) -> Iterator[str]:
    """The Python files that a module's docstrings name and that are not there.

    A file is there from the root, or somewhere below the module's top-level package.

    Args:
        module: path of the module, below the root.
        root: of the tree.
    """
    package = root / module.relative_to(root).parts[0]
    tree = ast.parse(module.read_text(encoding="utf-8"))
    for path in (path for text in _texts(tree) for path in IN_CODE.findall(text)):
        if not (root / path).exists() and not _below(package, path):
            yield path


def _below(folder: Path, path: str) -> bool:
    """Whether the folder, or one below it, has this file."""
    return any(folder.rglob(path))


def _is_ours(folder: Path) -> bool:
    """Whether a folder at the root holds files of the tree, not what is built there."""
    return folder.is_dir() and folder.name not in BUILT


def _texts(tree: ast.AST) -> Iterator[str]:
    """The statements that are a text alone: docstrings of a module, its classes, functions and constants."""
    for each in ast.walk(tree):
        if isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant) and isinstance(each.value.value, str):
            yield each.value.value
