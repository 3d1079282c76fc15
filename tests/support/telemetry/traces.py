"""Subjects with known secret bytes, and searching files for these."""

from __future__ import annotations

from pathlib import Path

from tests.support.builders import reference


def secrets_of(number: int) -> dict[str, bytes]:
    """The unique ids and template bytes of a subject that must not remain."""
    ids = {kind: f"{kind}-{number}-that-must-go" for kind in ("subject", "encounter", "second", "request")}
    template = reference([number + 0.125, number + 0.25, number + 0.375, number + 0.5]).template.data
    return {**{kind: value.encode() for kind, value in ids.items()}, "template": template}


def left_in(folder: Path, numbers: range) -> list[tuple[str, str]]:
    """Files that contain secrets of these subjects, and the kind of secret."""
    contents = [(file.name, file.read_bytes()) for file in folder.rglob("*") if file.is_file()]
    return [
        (name, kind)
        for name, content in contents
        for number in numbers
        for kind, secret in secrets_of(number).items()
        if secret in content
    ]


def everything_in(folder: Path) -> bytes:
    """The bytes of all files."""
    return b"".join(file.read_bytes() for file in folder.iterdir())
