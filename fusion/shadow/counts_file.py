"""The counts beside the file of disagreements, so that they outlive the process: JSON, replaced as a whole."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from biometrics.errors import ConfigurationInvalid
from fusion.decision.decision import Outcome
from fusion.shadow.decisions import Operation, Pair

VERSION = 1


def read(path: Path) -> tuple[dict[Pair, int], int]:
    """The counts, and the number of disagreements that could not be written; nothing if there is no file.

    Raises:
        ConfigurationInvalid: the file cannot be read, is damaged or of a newer version.
    """
    try:
        return _content(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return {}, 0
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationInvalid(
            f"The counts of decisions in {path} cannot be read. Move the file away to begin anew, or set "
            "BIOFUSION_SHADOW_FILE to another file."
        ) from error


def write(path: Path, counts: Mapping[Pair, int], unwritten: int) -> None:
    """Replace the file.

    Raises:
        OSError: it cannot be written; the old one is kept.
    """
    rows = [
        [each.system, each.operation, each.other, each.own, each.same_subject, count]
        for each, count in sorted(counts.items())
    ]
    new = path.with_name(f"{path.name}.new")
    file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as text:
        json.dump({"version": VERSION, "unwritten": unwritten, "counts": rows}, text)
        text.flush()
        os.fsync(text.fileno())
    new.replace(path)


def _content(content: Any) -> tuple[dict[Pair, int], int]:
    if content["version"] != VERSION:
        raise ValueError("another version")
    return {_pair(*row[:-1]): int(row[-1]) for row in content["counts"]}, int(content["unwritten"])


def _pair(system: str, operation: str, other: str, own: str, same: bool) -> Pair:  # noqa: FBT001 - a row
    return Pair(str(system), Operation(operation), Outcome(other), Outcome(own), bool(same))
