"""What pyproject.toml declares by extra, and what Python files import, both as names of distributions."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
WHOLE = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = WHOLE["project"]
EXTRAS = PROJECT["optional-dependencies"] | {"schema": WHOLE["dependency-groups"]["schema"]}
"""With the group of what runs in an environment of its own."""
OURS = {path.parent.name for path in ROOT.glob("*/__init__.py")} | {
    "biofusion",
    "tests",
    "benchmarks",
    "images",
    "soak",
}
NOT_INSTALLED = {"torch": ["torch"], "schemathesis": ["schemathesis"]}
"""Imported name → distributions, where the development environment has none."""
SHARED = {
    "google.protobuf": "protobuf",
    "google.rpc": "googleapis-common-protos",
    "google.api": "googleapis-common-protos",
    "opentelemetry": "opentelemetry-api",
    "opentelemetry.trace": "opentelemetry-api",
    "opentelemetry.proto": "opentelemetry-proto",
    "opentelemetry.sdk": "opentelemetry-sdk",
    "opentelemetry.exporter": "opentelemetry-exporter-otlp-proto-grpc",
}
"""Parts of namespaces that several distributions share."""


def base() -> set[str]:
    """What the project brings without extras."""
    return {_name(each) for each in PROJECT["dependencies"]}


def own(extra: str) -> set[str]:
    """What the extra itself names, without what it takes from other extras."""
    return {_name(each) for each in EXTRAS[extra]} - {"biofusion"}


def declared(extras: Iterable[str]) -> set[str]:
    """What the project brings with these extras, without what comes by way of these."""
    found = base()
    for extra in extras:
        taken = [inner for each in EXTRAS[extra] if _name(each) == "biofusion" for inner in _extras(each)]
        found |= own(extra) | declared(taken)
    return found


@cache
def imported(folder: str) -> set[str]:
    """The distributions that a folder's Python files import, anywhere in them; not the standard library, not ours.

    A file beside the one that imports it is ours too: scripts that run as files find each other so.
    """
    files = sorted((ROOT / folder).rglob("*.py"))
    beside = {file.stem for file in (ROOT / folder).glob("*.py")}
    modules = {name for file in files for name in _modules(ast.parse(file.read_text(encoding="utf-8")))}
    return distributions(modules - beside)


def distributions(modules: Iterable[str]) -> set[str]:
    """The distributions of imported modules; a module of none is reported under its own name."""
    found: set[str] = set()
    for module in modules:
        first, parts = module.partition(".")[0], ".".join(module.split(".")[:2])
        if first in OURS or first in sys.stdlib_module_names:
            continue
        found |= {SHARED[parts]} if parts in SHARED else {_normal(each) for each in _providers(first)}
    return found


def _modules(tree: ast.AST) -> set[str]:
    found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return found | {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level}


def _providers(module: str) -> list[str]:
    return _installed().get(module) or NOT_INSTALLED.get(module) or [f"no distribution of {module}"]


_installed = cache(packages_distributions)


def _name(requirement: str) -> str:
    return _normal(re.split(r"[\[<>=!~; ]", requirement)[0])


def _extras(requirement: str) -> list[str]:
    return requirement.partition("[")[2].partition("]")[0].split(",")


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
