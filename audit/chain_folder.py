"""Where chains are: a folder for each writer, named as its instance, with numbered files of at most 64 MiB."""

from __future__ import annotations

import re
from pathlib import Path

from biometrics.errors import ConfigurationInvalid

SEGMENT_BYTES = 64 * 1024 * 1024
"""A file that has reached this length is followed by another."""

INSTANCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_NAME = re.compile(r"(\d{6,})\.jsonl")


def segment_path(folder: Path, number: int) -> Path:
    """The file of a segment, numbered from 0."""
    return folder / f"{number:06d}.jsonl"


def segments(folder: Path) -> list[tuple[int, Path]]:
    """The segments of a chain's folder, by number.

    Raises:
        ConfigurationInvalid: the folder cannot be read.
    """
    found = [(int(name[1]), path) for path in _listed(folder) if (name := _NAME.fullmatch(path.name))]
    return sorted(found)


def chain_folders(folder: Path) -> list[Path]:
    """The folders of chains in an audit folder, by name.

    Raises:
        ConfigurationInvalid: the folder cannot be read.
    """
    return sorted(path for path in _listed(folder) if path.is_dir() and segments(path))


def check_instance(name: str) -> str:
    """Return a writer's name.

    Raises:
        ConfigurationInvalid: it cannot be the name of a folder everywhere.
    """
    if not INSTANCE.fullmatch(name):
        allowed = "1 to 128 letters, digits and . _ -, the first a letter or digit."
        raise ConfigurationInvalid(f"{name[:130]!r} is no name for a chain of the audit log: {allowed}")
    return name


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise ConfigurationInvalid(f"Cannot read the audit folder {folder}: {error.strerror}.") from error
