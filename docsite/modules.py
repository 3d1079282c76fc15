"""The modules of every package with the first line of their docstrings: the code's table of contents."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGES = (
    "biometrics",
    "formats",
    "infra",
    "audit",
    "gallery",
    "services",
    "fusion",
    "rendering",
    "evaluation",
    "studies",
    "training",
    "cli",
    "docsite",
    "benchmarks",
    "soak",
    "images",
)
"""The top-level packages, lowest layer first; tests mirror them."""


def modules(root: Path) -> str:
    """A heading and a table for each folder of Python modules, a folder before those within it."""
    return "\n\n".join(_section(root, folder) for package in PACKAGES for folder in _folders(root / package))


def _section(root: Path, folder: Path) -> str:
    lines = [f"## {folder.relative_to(root)}", "", first_line(folder / "__init__.py"), ""]
    files = [path for path in sorted(folder.glob("*.py")) if path.name != "__init__.py"]
    if files:
        lines += ["| module | what |", "|---|---|"]
        lines += [f"| `{path.stem}` | {_cell(first_line(path))} |" for path in files]
    return "\n".join(lines).strip()


def _folders(folder: Path) -> Iterator[Path]:
    yield folder
    for each in sorted(path.parent for path in folder.glob("*/__init__.py")):
        yield from _folders(each)


def first_line(path: Path) -> str:
    """The first line of a module's docstring, "" where it has none."""
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n")[0]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
