"""What the locks pin: packages by hash, with licences that permit commercial use, named in THIRD_PARTY.md."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "locks").glob("*.lock"))
ROLES = ("adapters", "cluster", "console", "fusion", "gallery", "matching", "models", "runtime")
"""The locks of what is shipped; the others are of tools."""

PERMITTED = {
    "0BSD",
    "Apache-2.0",
    "Apache 2.0",
    "Apache License 2.0",
    "Apache Software License",
    "Apache-2.0 WITH LLVM-exception",
    "BSD",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "3-Clause BSD License",
    "BSD License",
    "CC0-1.0",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "MIT License",
    "MPL-2.0",
    "PSF-2.0",
    "Zlib",
}
"""Licences that allow commercial use, as packages write them; MPL-2.0 binds changes of its own files only."""

PINNED = re.compile(
    r"^([a-z0-9]+(?:-[a-z0-9]+)*)==\S+( ; [^\\]+)?(?: \\\n    --hash=sha256:[0-9a-f]{64})+$", re.MULTILINE
)


def pinned(lock: str) -> set[str]:
    """The names of the packages that a lock pins."""
    return {match[1] for match in PINNED.finditer((ROOT / "locks" / f"{lock}.lock").read_text())}


def shipped() -> list[str]:
    """The packages of all roles."""
    return sorted(set().union(*map(pinned, ROLES)))


def licences(package: str) -> set[str]:
    """What a package states: its SPDX expression, or else its field, or else its classifiers."""
    stated = metadata(package)
    if expression := stated["License-Expression"]:
        return set(re.split(r" (?:AND|OR) ", expression.strip("()")))
    field = (stated["License"] or "").partition("\n")[0]
    classified = {
        each.rpartition(" :: ")[2] for each in stated.get_all("Classifier") or [] if each.startswith("License")
    }
    return {field} if field in PERMITTED else classified or {field}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_every_package_is_pinned_by_hashes(lock):
    """A lock holds nothing but names with one version and SHA-256 hashes: no addresses, no options, no ranges."""
    assert "" == PINNED.sub("", lock.read_text()).strip()


@pytest.mark.parametrize("package", shipped())
def test_licence(package):
    """A shipped package states licences that permit commercial use, and THIRD_PARTY.md names it."""
    assert re.search(rf"(?<![\w-]){package}(?![\w-])", (ROOT / "THIRD_PARTY.md").read_text())
    try:
        stated = licences(package)
    except PackageNotFoundError:
        pytest.skip("not needed by this version of Python")
    assert set() == stated - PERMITTED
