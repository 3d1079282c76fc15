"""Finds the source files of a compiled kernel: its module's, and those of the modules that it imports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import infra

ROOT = Path(infra.__path__[0]).parent
PACKAGES = frozenset({"biometrics", "infra", "services"})
"""Packages of the project whose kernels and constants kernels may use, besides their own package."""

_IMPORT = re.compile(r"^(?:from ([\w.]+) import (\([^)]*\)|.*)|import ([\w.]+))", re.MULTILINE)


def sources(module: Path, left_out: Path) -> list[Path]:
    """The files of a module and of the project's modules that it imports, directly or through others; sorted.

    Imports are found by their text: absolute ones, at the left margin. For a module outside the project, imports of
    modules in its folder count.

    Args:
        module: its file.
        left_out: a file to omit, whose imports are not followed.
    """
    module = module.resolve()
    root = ROOT if module.is_relative_to(ROOT) else module.parent
    packages = PACKAGES | {module.relative_to(root).parts[0]} if root == ROOT else None
    found, waiting = {left_out}, [module]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [file for package, file in _imported(path, root) if packages is None or package in packages]
    return sorted(found - {left_out})


@cache
def _imported(module: Path, root: Path) -> list[tuple[str, Path]]:
    """Top-level package and file of each module under the root that a module imports."""
    return [
        (name.partition(".")[0], file)
        for name in _names(module.read_text())
        for file in (root / f"{name.replace('.', '/')}.py", root / name.replace(".", "/") / "__init__.py")
        if file.is_file()
    ]


def _names(source: str) -> Iterator[str]:
    """Imported modules, and the names imported from them, which may be modules too."""
    for module, taken, whole in _IMPORT.findall(source):
        yield module or whole
        yield from (f"{module}.{name}" for name in re.findall(r"\w+", taken))
